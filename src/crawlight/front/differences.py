"""What differs between two answers for one URL, as far as it matters to visitors and crawlers; pure."""

import re
from collections.abc import Mapping
from typing import Final

from crawlight.kit.net import Answer

HEADERS: Final = (
    *("content-type", "content-encoding", "content-language", "content-disposition", "cache-control", "vary"),
    *("location", "link", "x-robots-tag", "content-security-policy", "x-frame-options", "referrer-policy"),
    *("strict-transport-security", "permissions-policy", "cross-origin-opener-policy", "refresh"),
    *("access-control-allow-origin", "www-authenticate"),
)
"""Headers that change what a browser or a crawler does."""

_COOKIE: Final = re.compile(r"(?:^|, )([^=;, ]+)=")
_LONGEST: Final = 120


def unanswered(url: str, error: Exception) -> Answer:
    """What stands for an answer where there was none: the status 0, and the reason as body."""
    return Answer(0, {}, str(error).encode(), url)


def differences(before: Answer, after: Answer) -> dict[str, str]:
    """What of ``after`` is another than of ``before``, told by name: status, headers, cookies, bytes."""
    found = _headers(before.headers, after.headers)
    if before.status != after.status:
        found = {"status": f"{_status(after)} instead of {_status(before)}"} | found
    elif before.body != after.body:
        found["bytes"] = _bytes(len(before.body), len(after.body))
    return found


def _status(answer: Answer) -> str:
    return f"status {answer.status}" if answer.status else f"no answer ({answer.body.decode()})"


def _headers(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in HEADERS:
        was, is_now = _normal(name, before.get(name, "")), _normal(name, after.get(name, ""))
        if was != is_now:
            found[name] = f"{name}: {_short(is_now)} instead of {_short(was)}"
    was, is_now = _cookies(before), _cookies(after)
    if was != is_now:
        found["set-cookie"] = f"cookies: {_short(is_now)} instead of {_short(was)}"
    return found


def _normal(name: str, text: str) -> str:
    """What means the same is written alike."""
    if name in ("vary", "cache-control", "content-type"):
        return ", ".join(sorted(re.split(r",\s*", text.lower().replace("; ", ";")))) if text else ""
    return text


def _cookies(headers: Mapping[str, str]) -> str:
    return ", ".join(sorted(set(_COOKIE.findall(headers.get("set-cookie", "")))))


def _short(text: str) -> str:
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text or "none"


def _bytes(before: int, after: int) -> str:
    if before == after:
        return f"other bytes, of the same length ({after:,})"
    return f"{after:,} bytes instead of {before:,}"
