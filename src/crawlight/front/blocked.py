"""Where an origin's ``X-Robots-Tag`` stays although a domain has it lifted: Caddy's matchers of its blocked paths.

Requests come in other spellings than canonical paths (`kit.urls`), so the matchers take more than is blocked rather
than less: the origin's header is what it meant itself.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import unquote

from crawlight.domains.patterns import MOST_STARS, STARS, stars

Matcher = dict[str, Any]

MOST_STARS_TOGETHER: Final = 100
LONGEST_EXPRESSION: Final = 16_000
"""Characters. Go's expressions take time in proportion to what may still fit, and each star may for long."""
LONGEST_TARGET: Final = 2_000
"""Bytes of a path with its query that is looked at; on longer ones the header stays."""

_LONG: Final[Matcher] = {"expression": f"size({{http.request.uri}}) > {LONGEST_TARGET}"}
_TRIPLETS: Final = re.compile(r"(?:%[0-9A-F]{2})+")
# Parts of a query that canonical paths write otherwise: unreserved characters encoded, and others that are not.
_ODD_QUERY: Final = r"[^?]*\?.*(?:%(?i:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])|[^ -~])"


def matchers(patterns: Sequence[str]) -> list[Matcher]:
    """Any of these matches each request of a path that the patterns fit (`domains.patterns`).

    There is none, which to Caddy is every request, where it would take too long to look.
    """
    by_path = _any(map(_decoded, filter(_is_of_path, patterns)))
    by_target = _any(map(_written, filter(_is_of_target, patterns)), _ODD_QUERY)
    if not _are_fast(patterns) or len(by_path) + len(by_target) > LONGEST_EXPRESSION:
        return []
    found: list[Matcher] = [_LONG]
    if any(map(_is_of_path, patterns)):
        found.append({"path_regexp": {"pattern": by_path}})
    if any(map(_is_of_target, patterns)):
        found.append({"vars_regexp": {"{http.request.uri}": {"pattern": by_target}}})
    return found


def _are_fast(patterns: Iterable[str]) -> bool:
    counts = list(map(stars, patterns))
    return max(counts, default=0) <= MOST_STARS and sum(counts) <= MOST_STARS_TOGETHER


def _is_of_path(pattern: str) -> bool:
    """Whether a path may fit without its query: Caddy has it decoded and clean, which covers every spelling."""
    return "?" not in pattern


def _is_of_target(pattern: str) -> bool:
    """Whether the query decides, or what is lost as Caddy cleans paths: it is compared as it came."""
    return any(piece in pattern for piece in ("?", "*", "//", "/."))


def _any(expressions: Iterable[str], *more: str) -> str:
    return "(?s)^(?:" + "|".join([*expressions, *more]) + ")"


def _decoded(pattern: str) -> str:
    text, end = _parted(pattern)
    pieces = (unquote(piece, errors="surrogateescape") for piece in STARS.split(text))
    # To Go's expressions each byte that is no UTF-8 is this character.
    return ".*".join(re.sub("[\udc80-\udcff]", "\ufffd", re.escape(piece)) for piece in pieces) + end


def _written(pattern: str) -> str:
    """Parameters may stand in any order: what comes before the first one does not count, nor what follows it."""
    text, end = _parted(pattern)
    first, more, _ = text.partition("&")
    pieces = [re.escape(piece) for piece in STARS.split(first)]
    found = ".*".join(_TRIPLETS.sub(r"(?i:\g<0>)", piece) for piece in pieces)
    return found.replace(r"\?", r"\?(?:.*&)?", 1) + ("" if more or "?" in text or "=" in text else end)


def _parted(pattern: str) -> tuple[str, str]:
    return (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
