"""One chunk of a log into records: parsed into columns, distinct values named once, counted column by column."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, Self

import numpy as np
import pyarrow as pa

from crawlight.bots.identity import Identity
from crawlight.events.store import EventsStore
from crawlight.ingest.blank import Thinned, thinned
from crawlight.ingest.engine_lines import EngineLines
from crawlight.ingest.importers.format import Format
from crawlight.ingest.layouts.pattern import UNCLEAR
from crawlight.ingest.leftover import Leftover
from crawlight.ingest.lines import Lines, leave_out_pandas
from crawlight.ingest.naming import Names
from crawlight.ingest.quoted import read_quoted
from crawlight.ingest.reading import SAMPLE_BYTES
from crawlight.ingest.rows import Rows
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.summary import Rejected
from crawlight.ingest.wrappers import NOT_WRAPPED, Wrapping
from crawlight.kit.printable import MOST_SHOWN, printable

_REJECTED_PER_CHUNK: Final = 10
_LINE_FEED: Final = ord("\n")

_HEADER: Final = re.compile(rb"^#Fields:[^\r\n]*", re.MULTILINE)
_SAMPLED_LINES: Final = 20

Data = bytes | memoryview


class Piece(NamedTuple):
    """A part of a chunk, and the header before it; empty where the log's first lines said all."""

    header: bytes
    start: int
    end: int


class Result(NamedTuple):
    """What lines came to, and the records. ``total`` counts all lines, also those that are left over as others."""

    total: int
    staged: Staged
    records: pa.Table
    others: Sequence[tuple[int, bytes]] = ()


class Staging:
    """Turns chunks of one format into records for one target. Used by several threads, and closed at the end."""

    def __init__(
        self,
        store: EventsStore,
        log_format: Format,
        target: Target,
        identity: Identity,
        others: Sequence[Format] = (),
        wrapping: Wrapping = NOT_WRAPPED,
    ) -> None:
        """``others`` are formats in which lines are tried that are none of ``log_format``."""
        leave_out_pandas()
        self._target = target
        self._wrapping = wrapping
        self._format = log_format
        self._quoted = log_format.quoted
        self._names = Names(target, identity)
        self._store = store
        self._others = others
        self._readers = {b"": _Reader(store, log_format, others)}
        self._header = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.engine.close()

    def cut(self, chunk: memoryview) -> list[Piece]:
        """Cut a chunk where a header says that other fields follow. To be called for each chunk in their order."""
        of_header = self._format.of_header
        if of_header is None:
            return [Piece(b"", 0, len(chunk))]
        data, pieces = bytes(chunk), [Piece(self._header, 0, len(chunk))]
        for found in _HEADER.finditer(data):
            behind = data[found.end() : found.end() + SAMPLE_BYTES].split(b"\n")[1:_SAMPLED_LINES]
            self._header = found[0]
            if found[0] not in self._readers:
                self._readers[found[0]] = _Reader(self._store, of_header(found[0], behind), self._others)
            pieces[-1] = pieces[-1]._replace(end=found.start())
            pieces.append(Piece(found[0], found.start(), len(chunk)))
        return [piece for piece in pieces if piece.start < piece.end]

    def stage(self, chunk: memoryview, pieces: Sequence[Piece]) -> Result:
        """Read whole lines, which start where their buffer does. ``pieces`` are what `cut` said."""
        results = [
            self._staged(chunk[piece.start : piece.end], self._readers[piece.header]) for piece in pieces
        ]
        return results[0] if len(results) == 1 else _together(results)

    def _staged(self, chunk: memoryview, reader: "_Reader") -> Result:
        if self._wrapping.wrappers:
            chunk = memoryview(bytearray(self._wrapping.chunk(bytes(chunk))))
        if few := thinned(chunk):
            return self._without_empty(few, reader)
        quoted = read_quoted(chunk, self._quoted, self._names.people) if self._quoted else None
        if quoted is None:
            return self._parsed(chunk, reader, lambda reasons: _standing_in(bytes(chunk), reasons))
        staged = Staged(lines=quoted.total - len(quoted.others))
        staged.buckets["people"] = quoted.people
        return Result(quoted.total, staged, self._count(quoted.lines, staged).records(), quoted.others)

    def _without_empty(self, few: Thinned, reader: "_Reader") -> Result:
        """Read the lines that are left of a chunk with many empty ones."""

        def standing(reasons: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
            for number, text in zip(few.numbers.tolist(), few.data.split(b"\n"), strict=False):
                if text in reasons or text.removesuffix(b"\r") in reasons:
                    yield number, text

        # One line there has to be: of nothing, nothing can be asked.
        part = self._parsed(few.data or b"\n", reader, standing)
        empty = few.empty - (not few.data)
        part.staged.lines += empty
        part.staged.buckets["empty"] += empty
        return part._replace(total=part.total + empty)

    def stage_others(self, others: Sequence[tuple[int, bytes]]) -> Result:
        """Read lines that were left over, with their numbers."""
        data = b"".join(text + b"\n" for _, text in others)
        return self._parsed(
            data,
            self._readers[b""],
            lambda reasons: ((number, text) for number, text in others if text in reasons),
        )

    def _parsed(
        self,
        data: Data,
        reader: "_Reader",
        standing: Callable[[Collection[bytes]], Iterable[tuple[int, bytes]]],
    ) -> Result:
        """Have the engine read lines; ``standing`` finds the numbers of the rejected ones."""
        again = reader.leftover.reread(reader.engine.parse(data))
        lines = again.rest
        total = int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_FEED)) + (data[-1] != _LINE_FEED)
        staged = Staged(lines=total)
        staged.buckets["people"] = total - len(lines.ts) - (len(again.read.ts) if again.read else 0)
        staged.formats = again.formats
        rows = self._count(lines, staged)
        records = [rows.records()]
        if again.read:
            records.append(self._count(again.read, staged).records())
        if staged.buckets["rejected"]:
            reasons = dict(islice(rows.rejected(), _REJECTED_PER_CHUNK))
            found = islice(standing(reasons), _REJECTED_PER_CHUNK)
            staged.rejected = [
                Rejected(
                    number,
                    UNCLEAR if text in again.unclear else _reason(reasons, text),
                    printable(text.removesuffix(b"\r"), MOST_SHOWN),
                )
                for number, text in found
            ]
        return Result(total, staged, pa.concat_tables(records))

    def _count(self, lines: Lines, staged: Staged) -> Rows:
        rows = Rows(lines, self._names, self._target)
        people, hosts = rows.people(), rows.own_hosts()
        for reader in list(self._readers.values()):
            reader.engine.tell("import_people", people)
            reader.engine.tell("import_hosts", hosts)
        rows.count(staged)
        staged.buckets = +staged.buckets
        return rows


class _Reader:
    """The ways to read lines of one format."""

    def __init__(self, store: EventsStore, log_format: Format, others: Sequence[Format]) -> None:
        self.engine = EngineLines(store, log_format)
        self.leftover = Leftover(log_format, others)


def _together(results: Sequence[Result]) -> Result:
    """One after the other."""
    staged, total = Staged(), 0
    for result in results:
        staged.add(result.staged, _REJECTED_PER_CHUNK, total)
        for domain, paths in result.staged.pages.items():
            staged.pages.setdefault(domain, set()).update(paths)
        total += result.total
    return Result(total, staged, pa.concat_tables([result.records for result in results]))


def _standing_in(chunk: bytes, texts: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
    """Numbers, from 1, and texts of the lines that are one of some texts."""
    whole_line = re.compile(rb"^(?:" + b"|".join(map(re.escape, texts)) + rb")(?=\r?$)", re.MULTILINE)
    for found in whole_line.finditer(chunk):
        yield chunk.count(b"\n", 0, found.start()) + 1, found[0]


def _reason(reasons: Mapping[bytes, bytes], text: bytes) -> str:
    return (reasons.get(text) or reasons[text.removesuffix(b"\r")]).decode()
