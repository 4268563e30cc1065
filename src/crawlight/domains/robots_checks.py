"""What is wrong with a robots.txt, before it is saved: each line with its reason, by RFC 9309.

Errors keep it from being saved: crawlers would not do what was meant. Hints are told.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from crawlight.domains.robots_versions import is_web_page
from crawlight.domains.signals import FIELDS, NAMES

MOST_BYTES: Final = 500 * 1024
"""As much as crawlers have to read (RFC 9309, 2.5), and as much as Google does."""

EMPTY: Final = (
    "it has no rules, which allows every crawler to fetch everything; "
    "if you want that, write User-agent: * and, on the next line, Allow: /"
)
_PATHS: Final = ("allow", "disallow")
_GROUPED: Final = (*_PATHS, *FIELDS, "crawl-delay", "clean-param", "request-rate", "visit-time", "noindex")
_KNOWN: Final = ("user-agent", "sitemap", "host", *_GROUPED)
_SIGNAL: Final = re.compile(rf"(?:{'|'.join(NAMES)})\s*=\s*(?:yes|no)", re.IGNORECASE)
_USAGE: Final = re.compile(r"(?:train-ai|search)\s*=\s*[yn]", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\*|[A-Za-z0-9_.-]+(?:/[\w.]+)?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

Weight = Literal["error", "hint"]


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with one line; the first is 1."""

    line: int
    weight: Weight
    reason: str


def findings(text: str) -> list[Finding]:
    """All that is wrong, in the order of the lines; errors are among it where it is not to be saved."""
    if is_web_page(text):
        return [Finding(1, "error", "this is a web page; crawlers find no rules in it")]
    if (size := len(text.encode("utf-8", "replace"))) > MOST_BYTES:
        return [Finding(1, "error", f"it has {size:,} bytes; crawlers read {MOST_BYTES:,}")]
    if not any(line.partition("#")[0].strip() for line in text.removeprefix("\ufeff").splitlines()):
        return [Finding(1, "error", EMPTY)]
    found: list[Finding] = []
    grouped = False
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        told, grouped = _of_line(line, grouped)
        found += [Finding(number, weight, reason) for weight, reason in told]
    return found


def _of_line(line: str, grouped: bool) -> tuple[list[tuple[Weight, str]], bool]:
    """What is wrong with a line, and whether those behind it belong to a group."""
    if _CONTROL.search(line):
        return [("error", "it has control characters")], grouped
    content = line.partition("#")[0].strip()
    if not content:
        return [], grouped
    name, colon, value = (part.strip() for part in content.partition(":"))
    if not colon:
        return [("error", f"{content[:40]!r} is not a rule; a rule looks like Disallow: /path")], grouped
    field = name.lower()
    if field == "user-agent":
        return list(_about_agent(value)), True
    return list(_about(field, name, value, grouped)), grouped


def _about_agent(value: str) -> Iterator[tuple[Weight, str]]:
    if not value:
        yield "error", "it names no crawler; * stands for all"
    elif not _TOKEN.fullmatch(value):
        yield "hint", f"crawlers don't look for {value[:40]!r}; a name looks like GPTBot"


def _about(field: str, name: str, value: str, grouped: bool) -> Iterator[tuple[Weight, str]]:
    if field not in _KNOWN:
        meant = get_close_matches(field, _KNOWN, 1, 0.75)
        yield (
            ("error", f'unknown directive "{name[:40]}"; did you mean "{meant[0].title()}"?')
            if meant
            else ("hint", f"no crawler is known to read {name[:40]}")
        )
        return
    if field in _GROUPED and not grouped:
        yield "error", f"{name} comes before the first User-agent, so it applies to no crawler"
    if reason := _about_value(field, value):
        yield "error", reason


def _about_value(field: str, value: str) -> str:
    """Why a value is none of its field; empty where it is one."""
    if field in _PATHS and value and not value.startswith(("/", "*")):
        return f"a path starts with /, not {value[:40]!r}"
    if field == "sitemap" and not _is_url(value):
        return f"{value[:60]!r} is not an absolute URL"
    if field == "crawl-delay" and not re.fullmatch(r"\d+(?:\.\d+)?", value):
        return f"{value[:40]!r} is not a number of seconds"
    expected = _SIGNALS.get(field)
    if expected and not all(expected[0].fullmatch(part.strip()) for part in value.split(",")):
        return f"{value[:60]!r} is not a list such as {expected[1]}"
    return ""


_SIGNALS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    FIELDS[0]: (_SIGNAL, "search=yes, ai-train=no"),
    FIELDS[1]: (_USAGE, "train-ai=n, search=y"),
}


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
