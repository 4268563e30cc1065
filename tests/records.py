"""Records for tests: made as tuples, put into the store through the product's own insert."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.events.store import EventsStore

_tokens = count()


class Record(NamedTuple):
    """One row of the table ``records``."""

    domain_id: int = 1
    ts: datetime = datetime(2026, 6, 15, 12, tzinfo=UTC)
    kind: str = "crawl"
    agent: str = "Googlebot"
    key: str = "googlebot"
    category: str = "search"
    identity: str = "unchecked"
    outcome: str = "passthrough"
    status: int = 200
    source: str = "import"
    path: str = "/"
    bytes: int = 0
    milliseconds: int = 0
    asked_markdown: bool = False
    content: int = 0
    robots_version: int = 0
    format: str = "none"


def block_of(store: EventsStore, records: Iterable[Record]) -> bytes:
    """The records in Native format."""
    store.command("DROP TABLE IF EXISTS rows")
    store.command("CREATE TEMPORARY TABLE rows AS records ENGINE = Memory")
    store.insert_columns("rows", RECORD_COLUMNS, [list(column) for column in zip(*records, strict=True)])
    return store.block(f"SELECT {', '.join(RECORD_COLUMNS)} FROM rows")


def insert(store: EventsStore, records: list[Record]) -> None:
    """Put records into the store; the same ones again are further crawls."""
    if records:
        store.insert_block("records", RECORD_COLUMNS, block_of(store, records), token=f"test-{next(_tokens)}")
