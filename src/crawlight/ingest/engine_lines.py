"""The way to read a log that knows every format and every case: the engine runs the importer's query."""

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import numpy as np
import pyarrow as pa

from crawlight.events.store import EventsStore
from crawlight.ingest.importers.format import Format
from crawlight.ingest.lines import Lines, coded, measured, one
from crawlight.ingest.measures import SIZE, TIME, reader_of

# Temporary tables live in memory and are seen by one thread's client only: chunks are staged side by side.
# What is told of one chunk mostly serves the next one.
_TABLES: Final[Mapping[str, str]] = {
    "import_people": "user_agent LowCardinality(Nullable(String))",
    "import_hosts": "host LowCardinality(String)",
}
_MOST_TOLD: Final = 1_000

# The other core has the next chunk; small blocks stay in the cache. Merged expressions would be evaluated for the lines
# of people, too, which are filtered out.
_SETTINGS: Final = """
SETTINGS max_threads = 1, max_block_size = 8192, input_format_parallel_parsing = 0,
    query_plan_merge_expressions = 0,
    output_format_arrow_compression_method = 'none', output_format_arrow_string_as_string = 0,
    output_format_arrow_low_cardinality_as_dictionary = 1
"""
_LINES: Final = f"""
SELECT ifNull(toInt64(ts), -1) AS moment, user_agent, method IN ('GET', 'HEAD') AS fetched, target, status, address,
    toLowCardinality(reason) AS why, rejected_line%s
FROM (%s)
{_SETTINGS}
"""  # noqa: S608 - our own words


class EngineLines:
    """Has lines of one format parsed. Used by several threads, and closed at the end."""

    def __init__(self, store: EventsStore, log_format: Format) -> None:
        self._store = store
        self._measures = dict(log_format.measures)
        more = [*(["host"] if log_format.hosts else []), *self._measures]
        self._query = _LINES % ("".join(f", {name}" for name in more), log_format.parse)
        self._told: dict[str, dict[bytes, None]] = {table: {} for table in _TABLES}
        self._threads = threading.local()
        self._files: SimpleQueue[int] = SimpleQueue()

    def close(self) -> None:
        """Give the memory back."""
        with suppress(Empty):
            while True:
                os.close(self._files.get_nowait())

    def tell(self, table: str, values: Iterable[bytes]) -> None:
        """Have people's user agents (``import_people``), or the target's hosts, known while others are parsed."""
        told = self._told[table]
        for value in values:
            if len(told) < _MOST_TOLD:
                told.setdefault(value)

    def parse(self, data: bytes | memoryview) -> Lines:
        """The lines, without those of the people that were told."""
        self._prepare_tables()
        file = self._written(data)
        try:
            answer = self._store.block(self._query, {"chunk": f"/proc/self/fd/{file}"}, "ArrowStream")
        finally:
            self._files.put(file)
        return _columns(pa.ipc.open_stream(answer).read_all(), self._measures)

    def _prepare_tables(self) -> None:
        """Bring this thread's tables up to date."""
        known: dict[str, int] | None = getattr(self._threads, "known", None)
        if known is None:
            known = self._threads.known = dict.fromkeys(_TABLES, 0)
            for table, column in _TABLES.items():
                self._store.command(f"DROP TABLE IF EXISTS {table}")
                self._store.command(f"CREATE TEMPORARY TABLE {table} ({column}) ENGINE = Memory")
        for table, column in _TABLES.items():
            if new := list(self._told[table])[known[table] :]:
                self._store.insert_columns(table, [column.partition(" ")[0]], [new])
                known[table] += len(new)

    def _written(self, data: bytes | memoryview) -> int:
        """A file that the engine can read by path and that no disk ever holds: it is full of people's addresses."""
        try:
            file = self._files.get_nowait()
        except Empty:
            file = os.memfd_create("crawlight-import")
        # In place: memory that a file gives back and takes anew costs more than the copy.
        with Path(f"/proc/self/fd/{file}").open("r+b") as opened:
            opened.write(data)
            opened.truncate()
        return file


def _columns(table: pa.Table, measures: Mapping[str, str]) -> Lines:
    found = {name: measured(coded(table.column(name)), reader_of(name, measures)) for name in measures}
    reasons = coded(table.column("why"))
    return Lines(
        ts=table.column("moment").to_numpy(),
        user_agents=coded(table.column("user_agent")),
        fetched=table.column("fetched").to_numpy().astype(np.bool_),
        targets=coded(table.column("target")),
        status=table.column("status").to_numpy(),
        clients=one(table.column("address")),
        reasons=reasons,
        texts=one(table.column("rejected_line")) if any(reasons.values) else None,
        hosts=coded(table.column("host")) if "host" in table.column_names else None,
        sizes=found.get(SIZE),
        times=found.get(TIME),
    )
