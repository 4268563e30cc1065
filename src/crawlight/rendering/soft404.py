"""Soft 404s: the app answers 200, and says to a reader that there is no such page.

https://developers.google.com/search/docs/crawling-indexing/troubleshoot-crawling-errors#soft-404-errors
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from crawlight.audit.not_found import NOT_FOUND

_NUMBER = re.compile(r"(?<![\d.,$€£])404(?!\d|[.,]\d)")
_NOINDEX = re.compile(r"\b(?:noindex|none)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")

_SHORT: Final = 80
"""Characters of a heading that says nothing else: a longer one tells a story about it."""
_THIN: Final = 800
"""Characters of text of a page that says little but that."""
_SOME: Final = 3000
_LIKE: Final = 0.85
"""Part of the text that a page has in common with the answer to a path that cannot exist."""


class Page(msgspec.Struct, frozen=True):
    """What of a page tells: its title, first heading, visible text, and robots meta or header."""

    title: str
    heading: str
    text: str
    robots: str


class Suspicion(msgspec.Struct, frozen=True):
    """``certain`` without asking further; else ``ask`` what a path that cannot exist looks like."""

    certain: bool = False
    ask: bool = False


def suspect(page: Page) -> Suspicion:
    """Say whether a page that was answered with 200 says that it is none."""
    headed = any(_says_so(text) for text in (page.title, page.heading))
    says = headed or bool(NOT_FOUND.search(page.text[:_SOME]))
    hidden = bool(_NOINDEX.search(page.robots))
    says = says or (hidden and bool(_NUMBER.search(page.text[:_SHORT])))
    thin = len(page.text) < _THIN
    if (hidden and says and len(page.text) < _SOME) or (headed and thin):
        return Suspicion(certain=True)
    return Suspicion(ask=says or (hidden and thin))


def is_like(page: Page, other: Page) -> bool:
    """Say whether two pages have nearly the same text, whatever numbers and paths are in it."""
    mine, theirs = _shingles(page.text), _shingles(other.text)
    if not mine or not theirs:
        return False
    return len(mine & theirs) / len(mine | theirs) >= _LIKE


def _says_so(text: str) -> bool:
    if len(text) > _SHORT:
        return False
    return bool(NOT_FOUND.search(text) or _NUMBER.search(text))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return frozenset(_windows(words)) if len(words) >= 3 else frozenset((word,) for word in words)


def _windows(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
