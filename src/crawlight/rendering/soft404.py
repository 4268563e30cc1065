"""Soft 404s: the app answers 200, and says to a reader that there is no such page.

https://developers.google.com/search/docs/crawling-indexing/troubleshoot-crawling-errors#soft-404-errors
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from crawlight.audit.not_found import NOT_FOUND, NUMBER, says_only

_NOINDEX = re.compile(r"\b(?:noindex|none)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?。！？]\s|\n")
_WORD = re.compile(r"[^\W\d_]+")
_NAMES_ADDRESS = re.compile(r"\S*[\d/]\S*")

_SHORT: Final = 80
"""Characters of a heading that says nothing else: a longer one tells a story about it."""
_THIN: Final = 800
"""Characters of text of a page that says little but that."""
_SOME: Final = 3000
_LIKE: Final = 0.85
"""Part of the text that a page has in common with the answer to a path that cannot exist."""
_HEADED_LIKE: Final = 0.5
"""Part of the words that two headings have in common which say the same, whatever they name."""


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
    """Say whether a page that was answered with 200 says that it is none.

    Certain is only what says nothing else. A number or such words in a longer title may be anything: a car, a phone
    number, advice.
    """
    hidden = bool(_NOINDEX.search(page.robots))
    thin = len(page.text) < _THIN
    if (thin and _is_headed(page)) or (hidden and len(page.text) < _SOME and _has_line(page)):
        return Suspicion(certain=True)
    headed = any(_may_say_so(text) for text in (page.title, page.heading))
    says = headed or bool(NOT_FOUND.search(page.text[:_SOME]))
    says = says or (hidden and bool(NUMBER.search(page.text[:_SHORT])))
    return Suspicion(ask=says or (hidden and thin))


def is_like(page: Page, other: Page) -> bool:
    """Say whether two pages say the same, whatever numbers and paths are in it.

    Both heading and text have to: menus and footers may be most of the text of any two pages of a site.
    """
    if page.heading and other.heading:
        mine, theirs = _heading_words(page.heading), _heading_words(other.heading)
        if _shared(mine, theirs) < _HEADED_LIKE:
            return False
    return _shared(_shingles(page.text), _shingles(other.text)) >= _LIKE


def _is_headed(page: Page) -> bool:
    """Whether the heading, or the title where there is none, says that and nothing else."""
    head = page.heading or page.title
    if len(head) > _SHORT or not says_only(head):
        return False
    # The number alone is also the name of a car, a room, a song: the title would say so.
    return bool(NOT_FOUND.search(head)) or not NUMBER.search(page.title) or says_only(page.title)


def _has_line(page: Page) -> bool:
    lines = [page.title, page.heading, *_SENTENCE.split(page.text[:_SOME])]
    return any(len(line) <= _SHORT and says_only(line) for line in lines)


def _may_say_so(text: str) -> bool:
    return len(text) <= _SHORT and bool(NOT_FOUND.search(text) or NUMBER.search(text))


def _shared(mine: frozenset[object], theirs: frozenset[object]) -> float:
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _heading_words(heading: str) -> frozenset[object]:
    return frozenset(_WORD.findall(_NAMES_ADDRESS.sub(" ", heading.lower())))


def _shingles(text: str) -> frozenset[object]:
    words = _WORD.findall(text.lower())
    return frozenset(_windows(words)) if len(words) >= 3 else frozenset((word,) for word in words)


def _windows(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
