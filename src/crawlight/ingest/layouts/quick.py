"""Which layouts the quick way of `ingest.quoted` can read: by their quotes, and the date in brackets before them."""

import re
from typing import Final, NamedTuple

from crawlight.ingest.layouts.layout import Field, Layout


class Way(NamedTuple):
    """Where lines have what is needed, as numbers of the texts between their quotes: those in quotes are odd.

    Text 0 begins with the address, or a list of them. The status stands behind the request, and behind one space.
    """

    request: int
    user_agent: int
    behind: tuple[int, ...] | None
    """Texts that may be addresses of a proxy's header; None means all in quotes behind the user agent."""
    width: int
    """How many texts a line has; 0 where that is seen from the first lines."""
    sound: re.Pattern[bytes] | None = None
    """Fits lines that have all of their quotes around fields, and none inside."""
    sized: bool = False
    """Whether the size stands behind the status, and a space."""
    timed: tuple[int, str, str] | None = None
    """The text with the time that the answer took, a regular expression with it as its group, and its unit."""
    date_last: bool = True
    """Whether the date is what text 0 ends with; else it is what the first bracket in it has."""


_USED: Final = ("time", "request", "status", "user_agent", "address", "forwarded", "size", "duration")


def way_of(layout: Layout) -> Way | None:
    """The quick way to read a layout, where there is one."""
    places = layout.places
    texts = _texts(layout)
    needed = [places.get(role) for role in ("request", "user_agent", "status", "time", "address")]
    if None in needed or not places.keys() <= set(_USED) or layout.decoded or layout.comment:
        return None
    request, agent, forwarded = (
        _alone(texts, places.get(one)) for one in ("request", "user_agent", "forwarded")
    )
    if not request or not agent or (forwarded is None and "forwarded" in places):
        return None
    answer = texts[request + 1]
    if not _starts(texts[0], layout) or not _answers(answer, places["status"]):
        return None
    sized = "size" in places
    if sized and answer[:4] != [" ", places["status"], " ", places["size"]]:
        return None
    timed = _timed(texts, layout) if "duration" in places else None
    behind = (forwarded,) if forwarded else ()
    return Way(request, agent, behind, len(texts), sized=sized, timed=timed, date_last=False)


def _timed(texts: list[list[str | int]], layout: Layout) -> tuple[int, str, str]:
    """Where the time is: a text that has it, and how to find it there."""
    place = layout.places["duration"]
    number = next(number for number, text in enumerate(texts) if place in text)
    pieces = [
        re.escape(one) if isinstance(one, str) else _any(layout, one, wanted=one == place)
        for one in texts[number]
    ]
    return number, f"^{''.join(pieces)}$", layout.measures["duration"]


def _any(layout: Layout, place: int, *, wanted: bool) -> str:
    field = layout.tokens[place]
    spaced = isinstance(field, Field) and (field.shape or field.role in ("address", "time"))
    return r"([^ \]]*)" if wanted else r".*?" if spaced else r"[^ ]*?"


def _texts(layout: Layout) -> list[list[str | int]]:
    """The literal texts and places of fields between the quotes."""
    texts: list[list[str | int]] = [[]]
    for place, token in enumerate(layout.tokens):
        pieces: list[str | int] = [*token.split('"')] if isinstance(token, str) else [place]
        for number, piece in enumerate(pieces):
            if number:
                texts.append([])
            if piece != "":
                texts[-1].append(piece)
    return texts


def _alone(texts: list[list[str | int]], place: int | None) -> int | None:
    return next((number for number, text in enumerate(texts) if place is not None and text == [place]), None)


def _starts(text: list[str | int], layout: Layout) -> bool:
    """Whether the address comes first, then a space, and the date in the first bracket."""
    if len(text) < 4 or text[0] != layout.places["address"] or not str(text[1]).startswith(" "):
        return False
    time = layout.field_of("time")
    if time is None or time.kind != "ncsa" or layout.places["time"] not in text:
        return False
    place = text.index(layout.places["time"])
    before = "".join(one for one in text[:place] if isinstance(one, str))
    return before.endswith("[") and before.count("[") == 1 and str(text[place + 1]).startswith("]")


def _answers(text: list[str | int], status: int) -> bool:
    return text[:2] == [" ", status] and (len(text) == 2 or str(text[2]).startswith(" "))
