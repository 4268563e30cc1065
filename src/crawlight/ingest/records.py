"""Records of JSON that are no lines: arrays, records over several lines, and records without anything between them.

Each becomes a line, piece by piece, whatever the size of the file.
"""

import re
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from crawlight.ingest.lines import Numbers

_QUOTE: Final = ord('"')
_BACKSLASH: Final = ord("\\")
_OPENING: Final = np.zeros(256, np.int8)
_OPENING[[ord("{"), ord("[")]] = 1
_OPENING[[ord("}"), ord("]")]] = -1
_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")

_ARRAY: Final = re.compile(rb"\s*\[\s*\{")
_VALUE: Final = rb'(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)'
_WITHIN: Final = re.compile(rb'\s*\{\s*(?:"[^"]*"\s*:\s*' + _VALUE + rb'\s*,\s*)*"[^"]*"\s*:\s*\[\s*\{')
_AROUND: Final = b" \t\r\n[],"
_LIST_DEPTH: Final = 2
_FEWEST_MEMBERS: Final = 4
"""A record has more members than an entry of a list in one: a header has a name and a value."""
_LOOKED_AT: Final = 20


class Cut(NamedTuple):
    """The whole records of a piece, a line each, and how many bytes of it they take."""

    lines: bytes
    used: int


class Records(NamedTuple):
    """Where the records of a file stand."""

    depth: int
    """In how many arrays and objects."""
    lined: bool = False
    """Whether each has a line of its own: then a broken one spoils no other."""

    def cut(self, piece: bytes | memoryview, *, inside: bool) -> Cut:
        """Cut off the whole records of a piece, which is ``inside`` of what they stand in or the file's start."""
        if self.lined:
            return _lines(bytes(piece))
        signs = np.frombuffer(piece, np.uint8)
        places = np.flatnonzero(_OPENING[signs])
        places = places[np.searchsorted(text_ends(signs), places) % 2 == 0]
        steps = _OPENING[signs[places]].astype(np.int64)
        depths = np.cumsum(steps) + self.depth * inside
        starts = places[(steps > 0) & (depths == self.depth + 1)].tolist()
        ends = places[(steps < 0) & (depths == self.depth)].tolist()
        if not ends:
            return Cut(b"", 0)
        text = bytes(piece[: ends[-1] + 1]).translate(_ONE_LINE)
        lines = [text[start : end + 1] for start, end in zip(starts, ends, strict=False)]
        return Cut(b"\n".join(lines) + b"\n", ends[-1] + 1)


def records_of(opening: bytes) -> Records | None:
    """How the records of a file that begins so stand in it; None where they are lines, or none of JSON."""
    if _ARRAY.match(opening):
        return _sound(Records(1, lined=_is_lined(opening)), opening)
    if not opening.lstrip().startswith(b"{"):
        return None
    if _WITHIN.match(opening) and (inner := _sound(Records(_LIST_DEPTH), opening, _FEWEST_MEMBERS)):
        return inner
    lines = opening.lstrip().split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    if any(map(_is_object, lines)):
        return None
    return _sound(Records(0), opening)


def as_lines(rest: bytes) -> bytes | None:
    """What is no whole record as lines, where some are records: one that was broken before has spoilt the cut."""
    lines = [line.strip().rstrip(b",") for line in rest.split(b"\n")]
    return b"\n".join(lines) + b"\n" if any(map(_is_object, lines[1:])) else None


def _is_lined(opening: bytes) -> bool:
    lines = [line.strip(_AROUND) for line in opening.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]]
    full = [line for line in lines if line]
    return len(full) > 1 and sum(map(_is_object, full)) > len(full) / 2


def _lines(piece: bytes) -> Cut:
    """The lines up to the last that ends as a record does, without what the array puts around them."""
    whole = piece.rfind(b"\n") + 1
    last = piece[whole:].strip()
    if last.endswith(b"]") and _is_object(last.strip(_AROUND)):  # Else it may go on.
        whole = len(piece)
    used = piece.rfind(b"}", 0, whole) + 1
    texts = (line.strip(_AROUND) for line in piece[:used].split(b"\n"))
    lines = b"\n".join(filter(None, texts))
    return Cut(lines + b"\n" if lines else b"", used)


def _sound(records: Records, opening: bytes, fewest: int = 1) -> Records | None:
    first = records.cut(opening, inside=False).lines.partition(b"\n")[0]
    return records if _is_object(first, fewest) else None


def _is_object(line: bytes, fewest: int = 1) -> bool:
    try:
        return len(msgspec.json.decode(line.decode("utf-8", "replace"), type=dict[str, object])) >= fewest
    except (msgspec.MsgspecError, RecursionError):
        return False


def text_ends(signs: NDArray[np.uint8]) -> Numbers:
    """Where texts begin and end: the quotes that no odd number of backslashes stands before."""
    quotes = np.flatnonzero(signs == _QUOTE)
    doubtful = np.flatnonzero(signs[np.maximum(quotes - 1, 0)] == _BACKSLASH)
    if not len(doubtful):
        return quotes
    slashes = np.flatnonzero(signs == _BACKSLASH)
    begins = np.diff(slashes, prepend=-2) != 1
    first_of = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    last = np.searchsorted(slashes, quotes[doubtful] - 1)
    escaped = (last - first_of[last] + 1) % 2 == 1
    sound: Numbers = np.delete(quotes, doubtful[escaped])
    return sound
