"""Lines that the engine's way leaves over, read one by one: odd quoting, and other formats in the same file."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from crawlight.ingest.importers.format import NO_REQUEST, Format
from crawlight.ingest.layouts.pattern import UNCLEAR
from crawlight.ingest.layouts.request import Request
from crawlight.ingest.lines import Coded, Lines, Mask

_PATIENCE: Final = 2_000
"""Lines in a row that are of no format: then only the log's own one is tried, because trying all takes its time."""


class Reread(NamedTuple):
    """What became of lines that were left over."""

    rest: Lines
    """The lines without those that could be read."""
    read: Lines | None
    formats: Counter[str]
    """Lines by the format in which they were read, where it is not the log's own."""
    unclear: frozenset[bytes]
    """Lines whose quotes leave unclear where fields end."""


class Leftover:
    """Reads left-over lines in the log's own format, else in others. May be asked by several threads."""

    def __init__(self, own: Format, others: Sequence[Format]) -> None:
        self._own = own
        self._others = [one for one in others if one.read and one is not own]
        self._failed = 0

    def reread(self, lines: Lines) -> Reread:
        """Try the lines that were rejected once more."""
        found: dict[int, Request] = {}
        formats, unclear = Counter[str](), set[bytes]()
        for place, text in _rejected(lines):
            request, title = self._read(text)
            if isinstance(request, Request):
                found[place] = request
                formats[title] += 1
            elif request == UNCLEAR:
                unclear.add(text)
        kept = np.ones(len(lines.ts), np.bool_)
        kept[list(found)] = False
        formats.pop(self._own.title, None)
        rest = lines.only(kept) if found else lines
        return Reread(rest, _lines(list(found.values())) if found else None, formats, frozenset(unclear))

    def _read(self, line: bytes) -> tuple[Request | str, str]:
        own = self._own.read(line) if self._own.read else ""
        if isinstance(own, Request) or own == UNCLEAR:
            return own, self._own.title
        for place, other in enumerate(self._others if self._failed < _PATIENCE else ()):
            request = other.read(line) if other.read else ""
            if isinstance(request, Request):
                self._failed = 0
                # The next line is probably of the same one.
                self._others = [other, *self._others[:place], *self._others[place + 1 :]]
                return request, other.title
        self._failed += 1
        return own, self._own.title


def _rejected(lines: Lines) -> list[tuple[int, bytes]]:
    if lines.texts is None:
        return []
    final = np.array([reason in (b"", NO_REQUEST.encode()) for reason in lines.reasons.values], np.bool_)
    rows = np.flatnonzero(~final[lines.reasons.codes])
    texts = lines.texts.take(pa.array(rows)).to_pylist()
    return [(place, text) for place, text in zip(rows.tolist(), texts, strict=True) if text.strip()]


def _lines(requests: Sequence[Request]) -> Lines:
    hosts = [one.host or b"" for one in requests] if any(one.host is not None for one in requests) else None
    return Lines(
        ts=np.array([one.ts for one in requests], np.int64),
        user_agents=_coded([one.user_agent for one in requests]),
        fetched=_fetched(requests),
        targets=_coded([one.target for one in requests]),
        status=np.array([one.status for one in requests], np.uint16),
        clients=pa.array([one.client for one in requests], pa.binary()),
        reasons=Coded([b""], np.zeros(len(requests), np.int64)),
        hosts=None if hosts is None else _coded(hosts),
        sizes=np.array([one.size for one in requests], np.int64),
        times=np.array([one.milliseconds for one in requests], np.int64),
    )


def _fetched(requests: Sequence[Request]) -> Mask:
    return np.array([one.method in (b"GET", b"HEAD") for one in requests], np.bool_)


def _coded(values: Sequence[bytes]) -> Coded:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return Coded(list(places), np.array([places[value] for value in values], np.int64))
