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
from pyarrow import csv

from crawlight.ingest.fields import Octets, found, moments, sizes, statuses
from crawlight.ingest.layouts.quick import Way
from crawlight.ingest.layouts.request import method_and_target
from crawlight.ingest.lines import Coded, Lines, Mask, Numbers, coded, one
from crawlight.ingest.measures import time_in

_ASCII: Final = 127

_CLIENT, _REQUEST, _ANSWER, _AGENT, _BEHIND = "client", "request", "answer", "user_agent", "behind_"
_BLOCK_BYTES: Final = 1 << 20
_SAMPLED_LINES: Final = 100
_MOST_LOOKS: Final = 300_000
"""Backslashes and carriage returns in a chunk that are looked at one by one: with more it is not worth it."""
_WITH_HOST: Final = r"^[^ ,]+ (?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*) "
"""Lines with an address in the second place: the first is a virtual host."""
_ESCAPED: Final = b'\\"'
_MARK: Final = b"\0'"


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
    found: Mask = pa.compute.invert(pa.compute.starts_with(requests, b"GET /")).to_numpy()
    some = np.flatnonzero(found)
    found[some] = pa.compute.match_substring(requests.take(pa.array(some)), b" http").to_numpy()
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
    ts = moments(clients, last=way.date_last)
    answers = one(table.column(_ANSWER))
    status = statuses(answers)
    parts = [method_and_target(_unescaped(request)) for request in requests.values]
    fetched = np.array([method in (b"GET", b"HEAD") for method, _ in parts], np.bool_)[requests.codes]
    targets = Coded([target for _, target in parts], requests.codes)
    reasons = Coded([b""], np.zeros(len(ts), np.int64))
    behind = tuple(one(table.column(name)) for name in table.column_names if name.startswith(_BEHIND))
    lines = Lines(
        *(ts, agents, fetched, targets, status.astype(np.uint16), clients, reasons),
        behind=behind,
        sizes=sizes(answers) if way.sized else None,
        times=_times(table, way),
    )
    hosts: Mask = pa.compute.match_substring_regex(clients, _WITH_HOST).to_numpy(zero_copy_only=False)
    return lines, (ts >= 0) & (status >= 0) & ~hosts


def _times(table: pa.Table, way: Way) -> Numbers | None:
    if way.timed is None:
        return None
    place, pattern, unit = way.timed
    name = {0: _CLIENT, way.request + 1: _ANSWER}.get(place, f"timed_{place}")
    return found(table.column(name), pattern, time_in(unit))


def _texts(chunk: memoryview, rows: Numbers, skipped: list[int]) -> list[tuple[int, bytes]]:
    """Numbers and texts of some rows of the table; ``skipped`` are the lines, from 0, that are no rows."""
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
    starts, ends = np.concatenate(([0], ends + 1)), np.append(ends, len(chunk))
    numbers = np.delete(np.arange(len(starts)), skipped)[rows].tolist()
    return [(number + 1, bytes(chunk[starts[number] : ends[number]])) for number in numbers]
