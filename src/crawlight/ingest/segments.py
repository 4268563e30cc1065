"""Gathers the records of chunks into segments of a size that the events store likes to insert."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from crawlight.crawls.spool import Spool
from crawlight.ids import DomainId
from crawlight.ingest.handover import run_number, segment_name

_SEGMENT_ROWS: Final = 250_000


class Segments:
    """Segments of one run. Without a spool nothing is written."""

    def __init__(self, spool: Spool | None, run: str) -> None:
        self._spool = spool
        self._run = run
        self._number = self._rows = 0
        self._tables: list[pa.Table] = []
        self._pages: dict[DomainId, set[str]] = {}

    def add(self, records: pa.Table, pages: Mapping[DomainId, set[str]]) -> None:
        """Add the records of a chunk, and the pages that crawlers got."""
        self._tables.append(records)
        for domain_id, paths in pages.items():
            self._pages.setdefault(domain_id, set()).update(paths)
        self._rows += records.num_rows
        if self._rows > _SEGMENT_ROWS:
            self.close()

    def close(self) -> None:
        """Prepare what was gathered."""
        if self._rows and self._spool:
            name, columns = segment_name(self._run, self._number), (*self._tables[0].column_names, "run")
            block = _block(self._tables, run_number(self._run))
            self._spool.prepare(
                name, block, self._rows, self._pages, block_format="ArrowStream", columns=columns
            )
            self._number += 1
        self._rows = 0
        self._tables = []
        self._pages = {}


def _block(tables: list[pa.Table], run: int) -> memoryview:
    # The engine takes one dictionary per column.
    whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    whole = whole.append_column("run", pa.array(np.full(whole.num_rows, run, np.uint64)))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return memoryview(sink.getvalue())
