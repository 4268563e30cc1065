"""What a check is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.text import MAX_TEXT, bounded

Severity = Literal["error", "warning", "notice"]

MAX_ELEMENTS: Final = 5
"""Elements that are quoted with one issue; the others are counted only."""


class Found(msgspec.Struct, frozen=True):
    """What one check found wrong with a page: a sentence, and of ``count`` elements the first few."""

    text: str
    elements: tuple[str, ...] = ()
    count: int = 0


class Issue(msgspec.Struct, frozen=True):
    """A check that a page failed, with all that a person needs to mend it.

    ``weight`` is what the issue takes off the score. ``elements`` are at most 5, each of at most 200
    characters, of the ``count`` that were found.
    """

    check: str
    severity: Severity
    weight: int
    title: str
    found: str
    elements: tuple[str, ...]
    count: int
    fix: str
    guidance: str


@dataclass(frozen=True)
class Check:
    """One rule. ``title`` names the fault, ``fix`` says in plain sentences how to mend it.

    ``find`` is None for a rule that needs other pages: those are found where pages are stored.
    ``blocks`` says that a page with this fault cannot be indexed.
    """

    id: str
    title: str
    severity: Severity
    fix: str
    guidance: Guidance
    find: Callable[[Page], Found | None] | None
    blocks: bool = False


def found(text: str, elements: Iterable[str] = ()) -> Found:
    """What was found, bounded: the first elements, and how many there are."""
    every = list(elements)
    return Found(bounded(text, 2 * MAX_TEXT), tuple(bounded(one) for one in every[:MAX_ELEMENTS]), len(every))
