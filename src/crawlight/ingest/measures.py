"""How large an answer was and how long it took, as logs write it."""

import re
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final

from crawlight.crawls.crawl import MOST_MEASURED

UNREADABLE: Final = -1
"""Stands for what is no size, or no time: of that line nothing else is doubted."""

SIZE, TIME = "size", "duration"
"""Columns of a format's query, and roles of a layout's fields."""

_NOTHING: Final = (b"", b"-")
_DIGITS: Final = re.compile(rb"\d{1,10}(?:\.0*)?")
_NUMBER: Final = re.compile(rb"(\d{1,20}(?:\.\d*)?(?:[eE][+-]?\d{1,3})?)\s*(s|ms|us|\xc2\xb5s|ns)?")
_MILLISECONDS: Final = {b"s": 1e3, b"ms": 1.0, b"us": 1e-3, b"\xc2\xb5s": 1e-3, b"ns": 1e-6}


def size_of(text: bytes) -> int:
    """Bytes, 0 where none are told. A size that no answer has is unreadable."""
    if text in _NOTHING:
        return 0
    size = int(text.partition(b".")[0]) if _DIGITS.fullmatch(text) else UNREADABLE
    return size if size <= MOST_MEASURED else UNREADABLE


def time_in(unit: str) -> Callable[[bytes], int]:
    """Reads times of a unit (``s``, ``ms``, ``us``, ``ns``), as whole milliseconds, 0 where none is told.

    A unit that stands behind the number itself holds. ``iis`` is milliseconds, but of what has a point seconds: so do
    those differ who write W3C's ``time-taken``.
    """

    def time_of(text: bytes) -> int:
        if text in _NOTHING:
            return 0
        if not (found := _NUMBER.fullmatch(text)):
            return UNREADABLE
        own = b"s" if b"." in found[1] else b"ms"
        scale = _MILLISECONDS[found[2] or (own if unit == "iis" else unit.encode())]
        milliseconds = float(found[1]) * scale
        # What was measured is never 0, which is what stands for nothing.
        return max(ceil(round(milliseconds, 6)), 1) if milliseconds <= MOST_MEASURED else UNREADABLE

    return time_of


def reader_of(column: str, units: Mapping[str, str]) -> Callable[[bytes], int]:
    """What reads a column of a format with these measures."""
    return size_of if column == SIZE else time_in(units[column])
