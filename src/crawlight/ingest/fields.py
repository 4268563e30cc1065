"""What stands in the fields of a chunk's lines: moments, statuses, sizes and times, by whole columns."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from crawlight.crawls.crawl import MOST_MEASURED
from crawlight.ingest.lines import Mask, Numbers, coded, measured
from crawlight.ingest.measures import size_of

Octets = NDArray[np.uint8]

_SIZE: Final = r"^ [0-9]{3} ([^ ]*).*$"
_SIZE_DIGITS: Final = len(str(MOST_MEASURED))

_DATE: Final = b"[00/AAA/0000:00:00:00 +0000] "
_DIGITS: Final = np.flatnonzero(np.frombuffer(_DATE, np.uint8) == ord("0"))
_SIGN: Final = _DATE.index(b"+")
_FIXED: Final = np.array([place for place, sign in enumerate(_DATE) if sign in b"[/: ]"])
_SIGNS: Final = np.frombuffer(_DATE, np.uint8)[_FIXED]
_MONTHS: Final = {
    int.from_bytes(name, "big"): number
    for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
}
_MONTH_KEYS: Final = np.array(sorted(_MONTHS))
_MONTH_NUMBERS: Final = np.array([_MONTHS[key] for key in sorted(_MONTHS)])
_FIRST_YEAR: Final = 1969
"""Of which the last hours are 1970 in another zone."""
_LAST_YEAR: Final = 2105
_FIRST_DAYS: Final = (
    np.arange("1969-01", "2106-03", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
)
"""Days from 1970-01-01 to the first of each month from that year on."""
_EAST_MOST: Final = 14


def moments(clients: pa.Array, *, last: bool) -> Numbers:
    """Unix seconds of the dates that the texts end with, or have in their first bracket; -1 for all else."""
    signs, sound = _last_signs(clients, len(_DATE)) if last else _bracketed_signs(clients, len(_DATE))
    digits = signs[_DIGITS] - ord("0")
    sound &= (signs[_FIXED] == _SIGNS[:, None]).all(axis=0) & (digits < 10).all(axis=0)
    sound &= (signs[_SIGN] == ord("+")) | (signs[_SIGN] == ord("-"))
    pairs = digits[0::2].astype(np.int32) * 10 + digits[1::2]
    day, century, year, hour, minute, second, zone_hours, zone_minutes = pairs
    year = century * 100 + year
    key = signs[4].astype(np.int32) << 16 | signs[5].astype(np.int32) << 8 | signs[6]
    place = np.minimum(np.searchsorted(_MONTH_KEYS, key), len(_MONTH_KEYS) - 1)
    months = np.clip((year - _FIRST_YEAR) * 12 + _MONTH_NUMBERS[place], 0, len(_FIRST_DAYS) - 2)
    first, following = _FIRST_DAYS[months], _FIRST_DAYS[months + 1]
    sound &= (_MONTH_KEYS[place] == key) & (day > 0) & (first + day <= following)
    sound &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR)
    sound &= (hour < 24) & (minute < 60) & (second < 60) & (zone_hours <= _EAST_MOST) & (zone_minutes < 60)
    zone = np.where(signs[_SIGN] == ord("-"), -60, 60) * (zone_hours * 60 + zone_minutes)
    seconds = (first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second - zone
    return np.where(sound & (seconds >= 0), seconds, -1)


def _last_signs(texts: pa.Array, width: int) -> tuple[Octets, Mask]:
    """The last bytes of each text in a column, and which texts have as many; the others' hold nothing of use."""
    enough = pa.compute.greater_equal(pa.compute.binary_length(texts), width)
    ends = pa.compute.binary_slice(texts, -width)
    whole = pa.compute.if_else(enough, ends, pa.scalar(bytes(width), pa.binary()))
    data, starts, _ = _bytes_of(whole)
    signs = data[starts[0] :][: len(texts) * width] if len(texts) else data[:0]
    return np.ascontiguousarray(signs.reshape(-1, width).T), enough.to_numpy(zero_copy_only=False)


def _bracketed_signs(texts: pa.Array, width: int) -> tuple[Octets, Mask]:
    """The bytes from each text's first bracket on, and a space in place of the last; which texts have as many."""
    data, starts, ends = _bytes_of(texts)
    place = pa.compute.find_substring(texts, b"[").to_numpy(zero_copy_only=False)
    begins = starts + place
    enough = (place >= 0) & (begins + width - 1 <= ends)
    signs = data[np.minimum(np.where(enough, begins, 0) + np.arange(width)[:, None], len(data) - 1)]
    signs[-1] = ord(" ")
    return signs, enough


def statuses(answers: pa.Array) -> Numbers:
    """The three digits behind the first space; -1 where something else is there, and for 000."""
    data, starts, ends = _bytes_of(answers)
    signs = data[np.minimum(starts[:, None] + np.arange(5), len(data) - 1)]
    digits = (signs[:, 1:4] - ord("0")).astype(np.int64)
    length = ends - starts
    sound = (length >= 4) & (signs[:, 0] == ord(" ")) & (digits < 10).all(axis=1)
    sound &= (length == 4) | (signs[:, 4] == ord(" "))
    status = digits @ np.array([100, 10, 1])
    return np.where(sound & (status > 0), status, -1)


def _bytes_of(texts: pa.Array) -> tuple[Octets, Numbers, Numbers]:
    """All bytes of a column, at least one, and where each text starts and ends."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    everything = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return everything, places[:-1], places[1:]


def sizes(answers: pa.Array) -> Numbers:
    """The number behind the status, 0 for a dash; the few that are written otherwise are looked at one by one."""
    data, starts, ends = _bytes_of(answers)
    starts = starts + len(" 200 ")
    told, digits, going = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64), starts < ends
    for place in range(_SIZE_DIGITS + 1):
        sign = data[np.minimum(starts + place, len(data) - 1)] - ord("0")
        going = going & (sign < 10) & (starts + place < ends)
        told = np.where(going, told * 10 + sign, told)
        digits += going
    behind, first = starts + digits, data[np.minimum(starts, len(data) - 1)]
    behind += (digits == 0) & (first == ord("-"))
    usual = (behind > starts) & (digits <= _SIZE_DIGITS) & (told <= MOST_MEASURED)
    usual &= (behind == ends) | (data[np.minimum(behind, len(data) - 1)] == ord(" "))
    others = np.flatnonzero(~usual)
    told[others] = found(pa.chunked_array([answers.take(pa.array(others))]), _SIZE, size_of)
    return told


def found(column: pa.ChunkedArray, pattern: str, read: Callable[[bytes], int]) -> Numbers:
    """What a pattern finds in each text, read as a number; nothing in those that it does not fit."""
    fits = pa.compute.match_substring_regex(column, pattern)
    found = pa.compute.replace_substring_regex(column, pattern=pattern, replacement=r"\1")
    return measured(coded(pa.compute.if_else(fits, found, pa.scalar(b"", pa.binary()))), read)
