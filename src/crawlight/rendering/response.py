"""What a page is to a crawler: its status, its redirect, its headers."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urljoin, urlsplit

from crawlight.kit.origin import Origin
from crawlight.rendering.contract import Reason, RenderError

REDIRECTS: Final = frozenset({301, 302, 307, 308})
_FOR_NOW: Final = frozenset({408, 425, 429})
_HEADER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*?)\s*")
_OF_A_BOT = re.compile(
    r"(?!unavailable_after|max-)[\w-]+\s*:|.*,\s*(?!unavailable_after|max-)[\w-]+\s*:", re.IGNORECASE
)
_CONNECTION: Final = """
connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade
content-length content-encoding content-type set-cookie set-cookie2 alt-svc strict-transport-security
report-to nel server-timing content-security-policy content-security-policy-report-only
"""
_NOT_PASSED_ON: Final = frozenset(_CONNECTION.split())
_ANSWERS_OWN: Final = frozenset(
    ["age", "allow", "cache-control", "date", "expires", "retry-after", "server", "vary", "x-request-id"]
)
_OUR_PREFIXES: Final = ("x-crawlight-", "x-hadoseo-", "ratelimit-")
_MOST_HEADERS: Final = 20
_MOST_CHARACTERS: Final = 2_000


def refuse_status(status: int, headers: dict[str, str]) -> None:
    """Raise RenderError for a status of the origin that says nothing about the page: failures, and not-nows."""
    if status >= 500 or status in _FOR_NOW:
        reason: Reason = "upstream_5xx" if status >= 500 else "upstream_4xx"
        raise RenderError(
            reason, f"the origin answered {status}", status=status, retry_after=headers.get("retry-after", "")
        )


def passed_on(headers: dict[str, str]) -> dict[str, str]:
    """The origin's headers in lower case, without those that belong to its connection and its body."""
    lower = {name.lower(): _on_one_line(name.lower(), text) for name, text in headers.items()}
    return {name: text for name, text in lower.items() if name not in _NOT_PASSED_ON}


def _on_one_line(name: str, text: str) -> str:
    """Several headers of a name as one. Rules for all crawlers come first: a bot's name holds for what is behind it."""
    lines = text.split("\n")
    if name == "x-robots-tag":
        lines.sort(key=lambda line: _OF_A_BOT.match(line.strip()) is not None)
    return ", ".join(lines)


def meta_status(metas: Iterable[tuple[str, str]]) -> int | None:
    """The status that a page gives itself with ``<meta name="prerender-status-code" content="404">``."""
    for name, content in metas:
        if name == "prerender-status-code" and re.fullmatch(r"\s*[2-5]\d\d\s*", content):
            return int(content)
    return None


def meta_headers(metas: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of ``<meta name="prerender-header" content="Location: https://example.com/">``, at most 20.

    Without those that belong to the connection, to the body, or to the answer of the render endpoint.
    """
    found: dict[str, str] = {}
    for content in [content[:_MOST_CHARACTERS] for name, content in metas if name == "prerender-header"]:
        match = _HEADER.fullmatch(content)
        if match and match[2].isprintable() and _may_be_said(match[1].lower()) and len(found) < _MOST_HEADERS:
            found[match[1].lower()] = match[2]
    return found


def _may_be_said(name: str) -> bool:
    return name not in _NOT_PASSED_ON | _ANSWERS_OWN and not name.startswith(_OUR_PREFIXES)


def absolute(location: str, base: str, origin: Origin | None) -> str | None:
    """Where a redirect leads, as an absolute http(s) URL; the origin's own name becomes that of the domain."""
    target = urljoin(base, location)
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return target if origin is None else origin.public(target, urlsplit(base).netloc)
