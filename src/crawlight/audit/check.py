"""What a check is, what it finds, and how long that may be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from crawlight.audit.guidance import Guidance

if TYPE_CHECKING:
    from crawlight.audit.page import Page

Severity = Literal["error", "warning", "notice"]

MAX_TEXT: Final = 200
"""Characters of anything that is quoted from a page."""

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
    find: Callable[["Page"], Found | None] | None
    blocks: bool = False


def found(text: str, elements: Iterable[str] = ()) -> Found:
    """What was found, bounded: the first elements, and how many there are."""
    every = list(elements)
    return Found(bounded(text, 2 * MAX_TEXT), tuple(bounded(one) for one in every[:MAX_ELEMENTS]), len(every))


def bounded(text: str, length: int = MAX_TEXT) -> str:
    """The text on one line, without control characters, cut to a length in characters."""
    cut = text[: 4 * length]  # Before anything else: a page may have an attribute of megabytes.
    line = cut if cut.isprintable() else "".join(sign if sign.isprintable() else " " for sign in cut)
    line = " ".join(line.split())
    return line if len(line) <= length and len(cut) == len(text) else f"{line[: length - 1].rstrip()}…"


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 image``, ``2 images``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def quoted(texts: Sequence[str]) -> str:
    """Up to three texts in quotation marks, and how many there are beside them."""
    shown = ", ".join(f"“{bounded(text, 60)}”" for text in texts[:3])
    return shown if len(texts) <= 3 else f"{shown} and {len(texts) - 3} more"
