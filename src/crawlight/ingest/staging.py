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
from crawlight.ingest.lines import Lines, leave_out_pandas
from crawlight.ingest.naming import Names
from crawlight.ingest.quoted import read_quoted
from crawlight.ingest.rows import Rows
from crawlight.ingest.staged import Rejected, Staged, Target
from crawlight.kit.printable import MOST_SHOWN, printable

_REJECTED_PER_CHUNK: Final = 10
_LINE_FEED: Final = ord("\n")

Data = bytes | memoryview


class Result(NamedTuple):
    """What lines came to, and the records. ``total`` counts all lines, also those that are left over as others."""

    total: int
    staged: Staged
    records: pa.Table
    others: Sequence[tuple[int, bytes]] = ()


class Staging:
    """Turns chunks of one format into records for one target. Used by several threads, and closed at the end."""

    def __init__(self, store: EventsStore, log_format: Format, target: Target, identity: Identity) -> None:
        leave_out_pandas()
        self._target = target
        self._quoted = log_format.quoted
        self._names = Names(target, identity)
        self._engine = EngineLines(store, log_format)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def stage(self, chunk: memoryview) -> Result:
        """Read whole lines, which start where their buffer does."""
        if few := thinned(chunk):
            return self._without_empty(few)
        quoted = read_quoted(chunk, self._names.people) if self._quoted else None
        if quoted is None:
            return self._parsed(chunk, lambda reasons: _standing_in(bytes(chunk), reasons))
        staged = Staged(lines=quoted.total - len(quoted.others))
        staged.buckets["people"] = quoted.people
        return Result(quoted.total, staged, self._count(quoted.lines, staged).records(), quoted.others)

    def _without_empty(self, few: Thinned) -> Result:
        """Read the lines that are left of a chunk with many empty ones."""

        def standing(reasons: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
            for number, text in zip(few.numbers.tolist(), few.data.split(b"\n"), strict=False):
                if text in reasons or text.removesuffix(b"\r") in reasons:
                    yield number, text

        # One line there has to be: of nothing, nothing can be asked.
        part = self._parsed(few.data or b"\n", standing)
        empty = few.empty - (not few.data)
        part.staged.lines += empty
        part.staged.buckets["empty"] += empty
        return part._replace(total=part.total + empty)

    def stage_others(self, others: Sequence[tuple[int, bytes]]) -> Result:
        """Read lines that were left over, with their numbers."""
        data = b"".join(text + b"\n" for _, text in others)
        return self._parsed(
            data, lambda reasons: ((number, text) for number, text in others if text in reasons)
        )

    def _parsed(
        self, data: Data, standing: Callable[[Collection[bytes]], Iterable[tuple[int, bytes]]]
    ) -> Result:
        """Have the engine read lines; ``standing`` finds the numbers of the rejected ones."""
        lines = self._engine.parse(data)
        total = int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_FEED)) + (data[-1] != _LINE_FEED)
        staged = Staged(lines=total)
        staged.buckets["people"] = total - len(lines.ts)
        rows = self._count(lines, staged)
        if staged.buckets["rejected"]:
            reasons = dict(islice(rows.rejected(), _REJECTED_PER_CHUNK))
            found = islice(standing(reasons), _REJECTED_PER_CHUNK)
            staged.rejected = [
                Rejected(number, _reason(reasons, text), printable(text.removesuffix(b"\r"), MOST_SHOWN))
                for number, text in found
            ]
        return Result(total, staged, rows.records())

    def _count(self, lines: Lines, staged: Staged) -> Rows:
        rows = Rows(lines, self._names, self._target)
        self._engine.tell("import_people", rows.people())
        self._engine.tell("import_hosts", rows.own_hosts())
        rows.count(staged)
        staged.buckets = +staged.buckets
        return rows


def _standing_in(chunk: bytes, texts: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
    """Numbers, from 1, and texts of the lines that are one of some texts."""
    whole_line = re.compile(rb"^(?:" + b"|".join(map(re.escape, texts)) + rb")(?=\r?$)", re.MULTILINE)
    for found in whole_line.finditer(chunk):
        yield chunk.count(b"\n", 0, found.start()) + 1, found[0]


def _reason(reasons: Mapping[bytes, bytes], text: bytes) -> str:
    return (reasons.get(text) or reasons[text.removesuffix(b"\r")]).decode()
