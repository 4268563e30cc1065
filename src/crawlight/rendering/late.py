"""What comes after a page was quiet, by timers above all: whether it makes the page another, and when it came.

Clocks, counters, carousels and advertisements change without end and are none of it.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from crawlight.rendering.contract import Late
from crawlight.rendering.navigation import Navigation

LOOK_SECONDS: Final = 3.0
"""Seconds after a page was quiet for which it is looked at again."""
_STEP: Final = 0.25
"""Seconds between two looks: pages that change all the time are not read all the time."""
_IN_FLIGHT: Final = 5.0
"""Seconds more for what a timer asked the site for."""
_WORDS: Final = 3
"""New words that are more than a number of visitors or a greeting."""
_OTHER: Final = 10
"""Words that came and went where the text is another one, no longer than before."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBERS = re.compile(r"[\W\d]+")


class Outline(msgspec.Struct, frozen=True):
    """What search engines go by: ``head`` has metas, links and structured data as texts, ``links`` addresses.

    ``changes`` counts all changes of the document so far, the last of them ``quiet`` seconds ago.
    """

    changes: int
    quiet: float
    title: str
    heading: str
    text: str
    links: list[str]
    head: list[str]


class Page(Protocol):
    """A tab with a page in it."""

    async def outline(self, navigation: Navigation, since: int = -1) -> Outline | None:
        """The outline; None where nothing has changed since so many changes."""


Hurry = Callable[[], bool]
"""Says that somebody else needs the place."""


def changes(before: Outline, after: Outline) -> tuple[str, ...]:
    """What of a page is another than before: text, head, links."""
    found = {
        "text": _text_differs(before, after),
        "head": _plain(before.title) != _plain(after.title) or _said(before) != _said(after),
        "links": bool(set(after.links) - set(before.links)),
    }
    return tuple(name for name, differs in found.items() if differs)


async def linger(
    tab: Page,
    navigation: Navigation,
    quiet: float,
    wait: float,
    look: float = 0.0,
    hurry: Hurry = lambda: False,
) -> Late:
    """Look at a page again for ``wait`` seconds from the moment ``quiet``, up to ``look`` unless somebody hurries.

    Tells what changed meanwhile, and when. Raises as the tab does.
    """
    late, until = Late(), quiet + max(wait, look)
    before = await tab.outline(navigation)
    since = before.changes if before else -1
    while (left := until - time.monotonic()) > 0:
        if time.monotonic() - quiet >= wait and hurry():
            return msgspec.structs.replace(late, whole=False)
        await asyncio.sleep(min(left, _STEP))
        if (after := await tab.outline(navigation, since)) and before:
            since = after.changes
            if what := changes(before, after):
                at = max(round(1000 * (time.monotonic() - after.quiet - quiet)), 1)
                late, before = Late(at, tuple(dict.fromkeys((*late.what, *what)))), after
        if any(one.hope == "content" for one in navigation.in_flight()):
            until = min(quiet + max(wait, look) + _IN_FLIGHT, max(until, time.monotonic() + 2 * _STEP))
    return late


def _text_differs(before: Outline, after: Outline) -> bool:
    if _plain(before.heading) != _plain(after.heading):
        return True
    old, new = Counter(_WORD.findall(before.text)), Counter(_WORD.findall(after.text))
    came, went = (new - old).total(), (old - new).total()
    return came - went >= _WORDS or (came >= _OTHER and went >= _OTHER and came + went > old.total() / 2)


def _said(outline: Outline) -> set[str]:
    return {_plain(text) for text in outline.head}


def _plain(text: str) -> str:
    """The words of a text, without numbers: they count something."""
    return _NUMBERS.sub(" ", text).strip()
