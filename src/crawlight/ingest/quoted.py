"""The quick way to read combined logs: fields between quotes, by a reader of delimited files.

Only lines of which the way of quoting leaves no doubt are read so; all others are handed on, to be read in the
way that knows every case. Both ways come to the same for the lines that both can read, and the tests hold them
to it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray
from pyarrow import csv

from crawlight.ingest.layouts.quick import Way
from crawlight.ingest.layouts.request import method_and_target
from crawlight.ingest.lines import Coded, Lines, Mask, Numbers, coded, measured, one
from crawlight.ingest.measures import size_of, time_in

_ASCII: Final = 127
Octets = NDArray[np.uint8]

_CLIENT, _REQUEST, _ANSWER, _AGENT, _BEHIND = "client", "request", "answer", "user_agent", "behind_"
_SIZE: Final = r"^ [0-9]{3} ([^ ]*).*$"
_BLOCK_BYTES: Final = 1 << 20
_SAMPLED_LINES: Final = 100
_MOST_LOOKS: Final = 300_000
"""Backslashes and carriage returns in a chunk that are looked at one by one: with more it is not worth it."""
_WITH_HOST: Final = r"^[^ ,]+ (?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*) "
"""Lines with an address in the second place: the first is a virtual host."""
_ESCAPED: Final = b'\\"'
_MARK: Final = b"\0'"

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


class Quoted(NamedTuple):
    """What became of a chunk: the lines that were read, how many more are people's, and all others as they are."""

    total: int
    lines: Lines
    people: int
    others: list[tuple[int, bytes]]
    """Numbers, from 1, and texts without line feed of the lines that are still to be read."""


def read_quoted(chunk: memoryview, way: Way, people: Callable[[list[bytes]], Mask]) -> Quoted | None:
    """Read a chunk of whole lines, or answer None where it is none that can be read so.


    ``people`` says which user agents are nobody's that has to be recorded: their lines are only counted.
    The chunk starts where its buffer does, and may be written to meanwhile.
    """
    buffer = np.frombuffer(chunk, np.uint8)
    width = way.width or _width(bytes(chunk[: 1 << 16]), way.sound)
    escaped = _escaped_quotes(chunk, buffer) if width > way.user_agent else None
    if escaped is None:
        return None
    misshapen: list[tuple[int, bytes]] = []
    with _without_quotes(buffer, escaped):
        table = _table(chunk, way, width, misshapen)
    if table is None:
        return None
    agents = coded(table.column(_AGENT))
    values = [b"" if value == b"-" else _unescaped(value) for value in agents.values]
    wanted = ~people(values)[agents.codes] | _whole_urls(table.column(_REQUEST))
    rows = np.flatnonzero(wanted)
    lines, whole = _lines(table.filter(pa.array(wanted)), way, Coded(values, agents.codes[rows]))
    others = [(number, text.replace(_MARK, _ESCAPED)) for number, text in misshapen]
    if not whole.all():
        others += _texts(chunk, rows[~whole], [number - 1 for number, _ in misshapen])
        lines = lines.only(whole)
    return Quoted(table.num_rows + len(misshapen), lines, table.num_rows - len(rows), sorted(others))


def _whole_urls(requests: pa.ChunkedArray) -> Mask:
    """Which requests may be for whole URLs: these can be of other hosts, whoever sent them."""
    found: Mask = pa.compute.match_substring(requests, b" http").to_numpy()
    return found


def _width(start: bytes, sound: re.Pattern[bytes] | None) -> int:
    """How many fields most of the first lines have; 0 where none is sound."""
    counts = Counter(
        line.count(b'"') - line.count(_ESCAPED)
        for line in start.split(b"\n", _SAMPLED_LINES)[:_SAMPLED_LINES]
        if sound and sound.fullmatch(line)
    )
    return max(counts, key=lambda number: (counts[number], -number), default=-1) + 1


def _escaped_quotes(chunk: memoryview, buffer: Octets) -> Numbers | None:
    """Where the backslashes of escaped quotes are; None where a line is none that can be read."""
    if buffer.max(initial=0) > _ASCII:
        try:
            str(chunk, "utf-8")
        except UnicodeDecodeError:
            return None
    data, size = cast(bytearray, chunk.obj), len(chunk)
    returns = sum(
        1 for place in islice(_places(data, b"\r", size - 1), _MOST_LOOKS) if data[place + 1] != ord("\n")
    )
    looks = list(islice(_places(data, b"\\", size - 1), _MOST_LOOKS))
    if returns or len(looks) == _MOST_LOOKS or data.find(_MARK[:1], 0, size) >= 0:
        return None
    return np.array(
        [place for place in looks if data[place + 1] == ord('"') and _odd_run(data, place)], np.int64
    )


def _places(data: bytearray, sign: bytes, end: int) -> Iterator[int]:
    place = data.find(sign, 0, end)
    while place >= 0:
        yield place
        place = data.find(sign, place + 1, end)


def _odd_run(data: bytearray, place: int) -> bool:
    """Whether the backslash is the last of an odd number: else it is escaped itself."""
    first = place
    while first and data[first - 1] == ord("\\"):
        first -= 1
    return (place - first) % 2 == 0


@contextmanager
def _without_quotes(buffer: Octets, escaped: Numbers) -> Iterator[None]:
    """Have a mark in place of escaped quotes for as long as the block runs."""
    if len(escaped):
        buffer[escaped], buffer[escaped + 1] = _MARK
    yield
    if len(escaped):
        buffer[escaped], buffer[escaped + 1] = _ESCAPED


def _unescaped(value: bytes) -> bytes:
    """A field as all ways of reading have it: a backslash means a slash in a URL."""
    return value.replace(b"\\\\", b"/").replace(_MARK, b"'")


def _table(chunk: memoryview, way: Way, width: int, misshapen: list[tuple[int, bytes]]) -> pa.Table | None:
    """The fields of all lines that have as many as most; numbers, from 1, and texts of the others."""

    def skip(row: csv.InvalidRow) -> str:
        misshapen.append((row.number, row.text.encode()))
        return "skip"

    # A field is the text between two quotes: behind the user agent, those in quotes may be addresses.
    behind = range(way.user_agent + 2, width, 2) if way.behind is None else way.behind
    used = {0: _CLIENT, way.request: _REQUEST, way.request + 1: _ANSWER, way.user_agent: _AGENT}
    used |= {place: f"{_BEHIND}{place}" for place in behind}
    if way.timed:
        used.setdefault(way.timed[0], f"timed_{way.timed[0]}")
    names = [used.get(place, f"unused_{place}") for place in range(width)]
    kinds = {name: pa.binary() for name in names} | {_AGENT: pa.dictionary(pa.int32(), pa.binary())}
    try:
        return csv.read_csv(
            pa.py_buffer(chunk),
            csv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK_BYTES),
            csv.ParseOptions(
                delimiter='"', quote_char=False, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            csv.ConvertOptions(check_utf8=False, column_types=kinds, include_columns=list(used.values())),
        )
    except pa.ArrowInvalid:  # Nothing to read, or a line that is longer than a block.
        return None


def _lines(table: pa.Table, way: Way, agents: Coded) -> tuple[Lines, Mask]:
    """The lines, and which of them are sound."""
    clients = one(table.column(_CLIENT))
    requests = coded(table.column(_REQUEST))
    ts = _moments(clients, last=way.date_last)
    status = _statuses(one(table.column(_ANSWER)))
    parts = [method_and_target(_unescaped(request)) for request in requests.values]
    fetched = np.array([method in (b"GET", b"HEAD") for method, _ in parts], np.bool_)[requests.codes]
    targets = Coded([target for _, target in parts], requests.codes)
    reasons = Coded([b""], np.zeros(len(ts), np.int64))
    behind = tuple(one(table.column(name)) for name in table.column_names if name.startswith(_BEHIND))
    lines = Lines(
        *(ts, agents, fetched, targets, status.astype(np.uint16), clients, reasons),
        behind=behind,
        sizes=_found(table.column(_ANSWER), _SIZE, size_of) if way.sized else None,
        times=_times(table, way),
    )
    hosts: Mask = pa.compute.match_substring_regex(clients, _WITH_HOST).to_numpy(zero_copy_only=False)
    return lines, (ts >= 0) & (status >= 0) & ~hosts


def _times(table: pa.Table, way: Way) -> Numbers | None:
    if way.timed is None:
        return None
    place, pattern, unit = way.timed
    name = {0: _CLIENT, way.request + 1: _ANSWER}.get(place, f"timed_{place}")
    return _found(table.column(name), pattern, time_in(unit))


def _found(column: pa.ChunkedArray, pattern: str, read: Callable[[bytes], int]) -> Numbers:
    """What a pattern finds in each text, read as a number; nothing in those that it does not fit."""
    fits = pa.compute.match_substring_regex(column, pattern)
    found = pa.compute.replace_substring_regex(column, pattern=pattern, replacement=r"\1")
    return measured(coded(pa.compute.if_else(fits, found, pa.scalar(b"", pa.binary()))), read)


def _texts(chunk: memoryview, rows: Numbers, skipped: list[int]) -> list[tuple[int, bytes]]:
    """Numbers and texts of some rows of the table; ``skipped`` are the lines, from 0, that are no rows."""
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
    starts, ends = np.concatenate(([0], ends + 1)), np.append(ends, len(chunk))
    numbers = np.delete(np.arange(len(starts)), skipped)[rows].tolist()
    return [(number + 1, bytes(chunk[starts[number] : ends[number]])) for number in numbers]


def _moments(clients: pa.Array, *, last: bool) -> Numbers:
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
    moments = (first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second - zone
    return np.where(sound & (moments >= 0), moments, -1)


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


def _statuses(answers: pa.Array) -> Numbers:
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
