"""Several servers on one events store: they make its schema once, and hash paths with one key, the database's."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.clickhouse import ClickHouse
from tests.records import Record, block_of

from crawlight.accounts.secrets import secret
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.database.engine import Database
from crawlight.errors import UserError
from crawlight.events import schema
from crawlight.events.store import EventsStore
from crawlight.runtime.stores import Stores, open_stores
from crawlight.settings import load_settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("made_anew")]

KEY = "SELECT high, low FROM schema_hash_key"


async def opened(stack: AsyncExitStack, folder: Path, database_url: str, events_url: str) -> Stores:
    settings = load_settings(data_dir=folder, database_url=database_url, events_url=events_url)
    return await stack.enter_async_context(open_stores(settings))


async def test_two_first_starts_at_once_make_one_schema_and_one_key(
    tmp_path: Path, database_url: str, clickhouse_server: ClickHouse
) -> None:
    events_url = clickhouse_server.database()
    async with AsyncExitStack() as stack:
        nodes = await asyncio.gather(
            *(opened(stack, tmp_path / name, database_url, events_url) for name in ("one", "two"))
        )
        ((high,), (low,)) = nodes[0].events.columns(KEY)
        known = await secret(nodes[1].database, "paths")
        assert (high, low) == (int.from_bytes(known[:8], "big"), int.from_bytes(known[8:16], "big"))
        steps = nodes[1].events.columns("SELECT step FROM schema_steps ORDER BY step")
        assert steps == [[number for number, _, _ in schema.steps()]]
        for number, node in enumerate(nodes):
            block = block_of(node.events, [Record(path="/a")])
            node.events.insert_block("records", RECORD_COLUMNS, block, token=f"node-{number}")
        pages = "SELECT uniqExact(page), sum(n) FROM"
        for table in ("pages_daily", "pages_monthly", "page_keys_monthly", "page_agents"):
            assert nodes[0].events.columns(f"{pages} {table}") == [[1], [2]]


async def test_a_store_that_has_a_key_keeps_it_and_the_database_learns_it(tmp_path: Path) -> None:
    events_url, database_url = (
        f"chdb://{tmp_path / 'events'}",
        f"sqlite+aiosqlite:///{tmp_path / 'db.sqlite'}",
    )
    before = EventsStore(events_url)
    kept = before.columns(KEY)
    before.command("ALTER TABLE schema_steps DELETE WHERE step >= 4 SETTINGS mutations_sync = 1")
    before.close()
    async with AsyncExitStack() as stack:
        stores = await opened(stack, tmp_path / "data", database_url, events_url)
        assert stores.events.columns(KEY) == kept
    database = await Database.open(database_url)
    known = await secret(database, "paths")
    await database.close()
    assert [[int.from_bytes(known[:8], "big")], [int.from_bytes(known[8:], "big")]] == kept


async def test_a_database_that_cannot_be_opened_leaves_nobody_waiting(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    settings = load_settings(data_dir=tmp_path / "data", database_url=url)
    with pytest.raises(UserError, match="database"):
        async with asyncio.timeout(30), open_stores(settings):
            pass


def test_the_engine_of_each_table_is_a_word_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "engine", lambda name, arguments="": f"Other{name}{arguments}")
    made = [sql for _, _, several in schema.steps() for sql in several if "CREATE TABLE" in sql]
    assert len(made) > 10
    assert all("ENGINE = Other" in sql for sql in made)
