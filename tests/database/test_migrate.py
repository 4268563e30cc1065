import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from crawlight.database import tables
from crawlight.database.base import Base
from crawlight.database.engine import Database
from crawlight.database.migrate import migrate
from crawlight.database.sqlite_files import MIGRATIONS, REVISIONS
from crawlight.errors import UserError

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("made_anew")]

OPEN = """
import asyncio, sys
from crawlight.database.engine import Database

async def main():
    await (await Database.open(sys.argv[1])).close()

asyncio.run(main())
"""


async def execute(url: str, *statements: str) -> list[object]:
    """Run statements as they are, past everything of ours; gives the first column of the last one's rows."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
        rows = list(result.scalars()) if result.returns_rows else []
    await engine.dispose()
    return rows


async def version(url: str) -> list[object]:
    return await execute(url, "SELECT version_num FROM alembic_version")


async def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with database.read() as session:
        assert await (await session.connection()).run_sync(differences) == []


def test_all_tables_are_known_to_migrations() -> None:
    mapped = {mapper.class_.__name__ for mapper in Base.registry.mappers}
    assert mapped | {
        "Role",
        "ChangeKind",
        "HostedMode",
        "LinkPurpose",
        "IdentityPolicy",
        "OriginHost",
        "OriginCertificate",
        "PrivatePages",
        "Revalidation",
        "RobotsHeader",
    } == set(tables.__all__)


def test_the_revisions_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert [revision.revision for revision in script.walk_revisions()] == REVISIONS[::-1]


async def test_a_store_of_the_version_before_is_migrated_with_its_data(database_url: str) -> None:
    await migrate(database_url, REVISIONS[-2])
    await execute(
        database_url,
        "INSERT INTO accounts (id, uuid, email, plan, created_at) VALUES "
        "(7, '0b6f1c1e5d3f4a3cb1f1c6f3c7a0d9e2', 'a@example.com', 'pro', '2026-01-02 03:04:05')",
    )
    assert await version(database_url) == [REVISIONS[-2]]
    database = await Database.open(database_url)
    async with database.read() as session:
        kept = await session.get_one(tables.Account, 7)
    await database.close()
    assert (kept.email, kept.created_at.isoformat()) == ("a@example.com", "2026-01-02T03:04:05+00:00")
    assert await version(database_url) == [REVISIONS[-1]]


async def test_a_store_of_a_newer_version_is_left_alone(database_url: str) -> None:
    await migrate(database_url)
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UserError, match=r"newer Crawlight \(revision 9999, .*\); update Crawlight"):
        await Database.open(database_url)
    assert await version(database_url) == ["9999"]


async def test_a_migration_that_fails_leaves_nothing(database_url: str) -> None:
    await migrate(database_url, REVISIONS[0])
    await execute(database_url, "CREATE TABLE imported_files (mine INTEGER)")
    with pytest.raises(UserError, match="already exists"):
        await Database.open(database_url)
    assert await version(database_url) == [REVISIONS[0]]


async def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", OPEN, database_url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ends = await asyncio.gather(*(asyncio.to_thread(start.communicate) for start in starts))
    assert [stderr for _, stderr in ends] == [b""] * 3
    assert [start.returncode for start in starts] == [0] * 3
    assert await version(database_url) == [REVISIONS[-1]]


async def test_a_server_that_is_away_is_said_without_its_password() -> None:
    with pytest.raises(UserError, match=r"127\.0\.0\.1:1/crawlight: .*Connect call failed") as refusal:
        await Database.open("postgresql+asyncpg://me:secret@127.0.0.1:1/crawlight")
    assert "secret" not in str(refusal.value)


async def test_a_file_of_something_else_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are my notes, and no database at all.\n" * 100)
    with pytest.raises(UserError, match="file is not a database"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'notes.txt'}")


async def test_a_place_that_cannot_be_used_is_told_without_numbers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match=r"crawlight\.sqlite: Not a directory$"):
        await migrate(f"sqlite+aiosqlite:///{tmp_path}/file/below/crawlight.sqlite")
