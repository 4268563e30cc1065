"""Patterns of paths, as robots.txt has them: a pattern fits a path that begins with it.

``*`` stands for any characters, ``$`` at the end for the end of the path (RFC 9309, 2.2.3). Paths are canonical,
with query. Rules are tried from the first to the last.
"""

import re
from collections.abc import Iterable
from typing import Final

from crawlight.kit.urls import normal_percent

LONGEST: Final = 512
MOST_STARS: Final = 8
"""Of a blocked path: the front looks for each of them in every request of the domain."""

STARS: Final = re.compile(r"\*+")


def check_pattern(pattern: str) -> str:
    """The pattern as canonical paths are written, without white space around it.

    So ``/café`` is what it says (RFC 9309, 2.2.2). Raises ValueError with what is wrong.
    """
    text = normal_percent(pattern.strip())
    if not text.startswith(("/", "*")):
        raise ValueError(f"{pattern!r} is no pattern of paths; it starts with / or *")
    if len(text) > LONGEST or any(ord(c) < 0x21 for c in text):
        raise ValueError(
            f"{pattern[:40]!r}: a pattern has up to {LONGEST} characters, none of them white space"
        )
    return text


def stars(pattern: str) -> int:
    """How many stars a pattern has; several in a row are one."""
    return len(STARS.findall(pattern))


def check_stars(pattern: str) -> str:
    """The pattern of a blocked path. Raises ValueError where it has too many stars."""
    if stars(pattern) > MOST_STARS:
        raise ValueError(f"{pattern[:40]!r}: a blocked path has up to {MOST_STARS} stars")
    return pattern


def compiled(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression that ``match``es what any of the patterns fits; None where there are none."""
    parts = [_expression(pattern) for pattern in patterns]
    return re.compile("|".join(parts)) if parts else None


def _expression(pattern: str) -> str:
    text, end = (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
    # Several stars in a row would make the search slow, and mean the same as one.
    pieces = STARS.split(text)
    # Atomic groups: each star takes the shortest way and never another one, so no pattern can be made slow.
    found = re.escape(pieces[0]) + "".join(f"(?>.*?{re.escape(piece)})" for piece in pieces[1:-1])
    if len(pieces) == 1:
        return f"{found}{end}"
    last = re.escape(pieces[-1])
    return f"{found}.*{last}{end}" if end else f"{found}.*?{last}"
