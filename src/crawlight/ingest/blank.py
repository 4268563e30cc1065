"""Empty lines: nothing of them is read, and they are counted quickly, because a hostile file may have millions."""

from typing import Final, NamedTuple

import numpy as np

from crawlight.ingest.lines import Mask, Numbers

_FEED: Final = ord("\n")
_RETURN: Final = ord("\r")
_PIECE_BYTES: Final = 1 << 20
_LOOKED_AT: Final = 4096
_DENSE: Final = 1 / 8
"""So many of the bytes are line feeds where it is worth it: a line of a log has a hundred bytes."""


class Thinned(NamedTuple):
    """A chunk without its empty lines: the others, how many lines are left out, and the number of each that stayed."""

    data: bytes
    empty: int
    numbers: Numbers


def thinned(chunk: memoryview) -> Thinned | None:
    """Leave out the empty lines of a chunk of whole lines, where it seems to have many; else None."""
    if not _is_dense(chunk):
        return None
    kept, numbers, empty, before = list[bytes](), [np.zeros(0, np.int64)], 0, 0
    start = 0
    while start < len(chunk):
        piece = _whole_lines(chunk, start)
        start += len(piece)
        if (np.frombuffer(piece, np.uint8) == _FEED).all():
            before += len(piece)
            empty += len(piece)
            continue
        data, full = _without_empty(piece)
        kept.append(data)
        numbers.append(np.flatnonzero(full) + before + 1)
        before += len(full)
        empty += len(full) - int(np.count_nonzero(full))
    return Thinned(b"".join(kept), empty, np.concatenate(numbers))


def _is_dense(chunk: memoryview) -> bool:
    """Whether one of a few places has many line feeds."""
    places = (0, len(chunk) // 4, len(chunk) // 2, len(chunk) * 3 // 4, max(0, len(chunk) - _LOOKED_AT))
    looks = (bytes(chunk[place : place + _LOOKED_AT]) for place in places)
    return any(look.count(b"\n") > len(look) * _DENSE for look in looks)


def _whole_lines(chunk: memoryview, start: int) -> memoryview:
    """About so many bytes of the chunk as are worked on at once, up to the end of a line."""
    end = start + _PIECE_BYTES
    while end < len(chunk):
        found = bytes(chunk[end - 1 : end - 1 + _PIECE_BYTES]).find(b"\n")
        if found >= 0:
            return chunk[start : end + found]
        end += _PIECE_BYTES
    return chunk[start:]


def _without_empty(piece: memoryview) -> tuple[bytes, Mask]:
    """The lines that are not empty, and which these are."""
    signs = np.frombuffer(piece, np.uint8)
    ends = np.flatnonzero(signs == _FEED)
    if not len(signs) or signs[-1] != _FEED:
        ends = np.append(ends, len(signs))
    lengths = np.diff(ends, prepend=-1) - 1
    full = (lengths > 1) | ((lengths == 1) & (signs[np.maximum(ends - 1, 0)] != _RETURN))
    keep = np.repeat(full, lengths + 1)[: len(signs)]
    return signs[keep].tobytes(), full
