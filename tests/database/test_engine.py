import asyncio
import gc
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from crawlight.database.engine import Database, _Connection, insert_into
from crawlight.database.tables import Account, Domain, Membership, Usage

pytestmark = pytest.mark.anyio

MOMENT = datetime(2026, 2, 28, 23, 59, 59, 999999, UTC)


def account(email: str = "a@example.com", created_at: datetime = MOMENT) -> Account:
    return Account(email=email, plan="pro", created_at=created_at)


async def emails(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Account.email).order_by(Account.email)))


async def test_a_write_is_kept_at_its_end(database: Database) -> None:
    async with database.write() as session:
        session.add(account())
    assert await emails(database) == ["a@example.com"]


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            session.add(account())
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await emails(database) == []


async def test_what_a_reader_changes_is_dropped(database: Database) -> None:
    async with database.read() as session:
        session.add(account())
        await session.flush()
    assert await emails(database) == []


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as session:
        session.add(account())
        await session.flush()
        assert await asyncio.wait_for(emails(database), 5) == []


async def test_a_write_gives_up_where_others_go_on_writing(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'crawlight.sqlite'}"
    database, other = await Database.open(url), await Database.open(url)
    database.patience = 0.05

    async def write() -> None:
        async with database.write() as session:
            session.add(account())

    for writer in (database, other):
        async with writer.write() as session:
            await session.execute(delete(Account))
            with pytest.raises(OperationalError, match="database is locked"):
                await write()
    await write()
    assert await emails(database) == ["a@example.com"]
    for opened in (database, other):
        await opened.close()


async def test_closing_waits_for_sessions_that_still_end(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'crawlight.sqlite'}")
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with database.read() as session:
            await session.execute(select(Account))
            reading.set()
            await go_on.wait()

    reader = asyncio.create_task(read())
    await reading.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    go_on.set()
    await reader
    await closing
    gc.collect()  # Warns of a connection that nobody closed.


async def test_what_others_write_is_seen_in_the_files(database: Database, database_url: str) -> None:
    still, other = database.stillness(1000), await Database.open(database_url)
    for email in ("a@example.com", "b@example.com"):
        async with other.write() as session:
            session.add(account(email))
        assert not still()
        if database_url.startswith("postgresql"):
            assert not still()  # A server can always have been written to.
        else:
            while not still():
                await asyncio.sleep(0.01)
    await other.close()


async def test_moments_come_back_in_utc(database: Database) -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    async with database.write() as session:
        session.add(account(created_at=elsewhere))
    async with database.read() as session:
        stored = (await session.scalars(select(Account.created_at))).one()
    assert stored == MOMENT
    assert stored.tzinfo is UTC


async def test_moments_without_a_time_zone_are_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        async with database.write() as session:
            session.add(account(created_at=MOMENT.replace(tzinfo=None)))


async def test_rows_need_their_parents(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            session.add(Membership(domain_id=1, account_id=1, role="owner"))


@pytest.mark.parametrize(
    "make", [account, lambda: Domain(host="example.com", created_at=MOMENT)], ids=["account", "domain"]
)
async def test_ids_are_never_reused(database: Database, make: type) -> None:
    first = make()
    async with database.write() as session:
        session.add(first)
    async with database.write() as session:
        await session.execute(delete(type(first)))
    second = make()
    async with database.write() as session:
        session.add(second)
    assert second.id > first.id


async def test_a_host_is_verified_for_one_domain_only(database: Database) -> None:
    async with database.write() as session:
        session.add(Domain(host="example.com", created_at=MOMENT))
        session.add(Domain(host="example.com", created_at=MOMENT, verified_at=MOMENT))
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            session.add(Domain(host="example.com", created_at=MOMENT, verified_at=MOMENT))


async def test_writers_of_two_processes_take_turns(database: Database, database_url: str) -> None:
    async with database.write() as session:
        session.add(account())
        await session.flush()
        session.add(Usage(account_id=1, month="2026-02", used=0))
    other = await Database.open(database_url)

    async def count_one(through: Database) -> None:
        async with through.write() as session:
            row = await session.get_one(Usage, (1, "2026-02"), with_for_update=True)
            row.used += 1

    await asyncio.gather(*(count_one(through) for through in [database, other] * 15))
    await other.close()
    async with database.read() as session:
        assert await session.scalar(select(func.sum(Usage.used))) == 30


async def test_a_reader_sees_one_state(database: Database) -> None:
    async with database.read() as session:
        count = select(func.count()).select_from(Account)
        before = await session.scalar(count)
        async with database.write() as writer:
            writer.add(account())
        assert await session.scalar(count) == before


async def test_callers_that_go_away_harm_nobody(database: Database) -> None:
    async def write(n: int) -> None:
        async with database.write() as session:
            session.add(account(f"{n}@example.com"))

    for delay in range(20):
        await emails(database)  # So that a connection is there, and it is the work that is cut off.
        task = asyncio.create_task(write(delay))
        await asyncio.sleep(delay / 5_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(write(99), 5)
    assert "99@example.com" in await emails(database)


async def test_insert_on_conflict_works_on_each(database: Database) -> None:
    async with database.write() as session:
        session.add(account())
    async with database.write() as session:
        again = insert_into(session, Account).values(email="a@example.com", plan="pro", created_at=MOMENT)
        await session.execute(again.on_conflict_do_nothing())
    assert await emails(database) == ["a@example.com"]


async def test_the_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/new/folder/crawlight.sqlite")
    await database.close()
    file = tmp_path / "new" / "folder" / "crawlight.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_closed_connection_holds_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "crawlight.sqlite"
    gone = sqlite3.connect(file, factory=_Connection, isolation_level=None)
    # Somebody still has the statement, and it is not at its end.
    statement = gone.execute("SELECT 1 UNION SELECT 2")
    gone.execute("BEGIN IMMEDIATE")
    gone.close()
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
    del statement
