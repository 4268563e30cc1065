"""Commands that list something read the same as those that open the store, on both kinds of it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawlight.accounts import keys, people
from crawlight.accounts.listing import all_keys
from crawlight.accounts.plans import Plans
from crawlight.database.asking import ask
from crawlight.database.engine import Database
from crawlight.database.sqlite_files import REVISIONS, is_newest
from crawlight.domains import registry
from crawlight.domains.listing import all_domains
from crawlight.errors import UserError
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio
PLANS: Plans = DEFAULT_PLANS


async def test_domains_and_keys_are_listed_alike(database: Database, database_url: str) -> None:
    owner = await people.create_account(database, PLANS, "owner@example.com", plan="pro")
    await people.create_account(database, PLANS, "viewer@example.com")
    await registry.add_domain(database, "b.example", owner.email, origin="http://127.0.0.1:8000")
    await registry.add_domain(database, "a.example", owner.email)
    await registry.share_domain(database, "b.example", "viewer@example.com", "viewer")
    await keys.create_key(database, PLANS, owner.id, "mine")
    listed = await asyncio.to_thread(all_domains, database_url)
    assert listed == await registry.list_domains(database)
    assert [[member.role for member in domain.members] for domain in listed] == [
        ["owner"],
        ["owner", "viewer"],
    ]
    assert await asyncio.to_thread(all_keys, database_url) == await keys.list_keys(database)
    assert await asyncio.to_thread(all_keys, database_url, "Viewer@example.com") == []
    with pytest.raises(UserError, match="no account"):
        await asyncio.to_thread(all_keys, database_url, "nobody@example.com")


def test_an_older_store_is_brought_up_to_date_first(tmp_path: Path) -> None:
    file = tmp_path / "crawlight.sqlite"
    assert not is_newest(file)
    assert ask(f"sqlite+aiosqlite:///{file}", "SELECT host FROM domains") == []
    assert is_newest(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(UserError, match=f"newer Crawlight .*{REVISIONS[-1]}"):
        ask(f"sqlite+aiosqlite:///{file}", "SELECT host FROM domains")


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    file = tmp_path / "crawlight.sqlite"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="not a database"):
        ask(f"sqlite+aiosqlite:///{file}", "SELECT host FROM domains")
