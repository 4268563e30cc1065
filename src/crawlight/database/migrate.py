"""Bring a store to the newest schema at start: once, whoever starts at the same time, and never half."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from crawlight.database.sqlite_files import MIGRATIONS, REVISIONS, is_newest, sqlite_file
from crawlight.errors import UserError

_ADVISORY_LOCK = 0x637261776C  # Any number will do, as long as it never changes.
_LOCKING = text("SELECT pg_advisory_xact_lock(:key)")


async def migrate(url: str, target: str = REVISIONS[-1]) -> None:
    """Upgrade the store at ``url`` to the revision ``target``; an absent SQLite file is made.

    All or nothing, under a lock that other processes wait for. Raises UserError where the store is newer
    than this code or cannot be opened.
    """
    file = sqlite_file(url)
    if file is not None and target == REVISIONS[-1] and is_newest(file):
        return  # As nearly always: no lock to take, and no engine to start.
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        if engine.dialect.name == "sqlite":
            await _on_sqlite(engine, target)
        else:
            await _on_postgresql(engine, target)
    except (OSError, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error.strerror or error
        raise UserError(f"database {engine.url.render_as_string()}: {cause}") from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[None]:
    """Hold the lock under which schemas are changed: also that of the events store, which has none of its own."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        if engine.dialect.name == "sqlite":
            async with _file_lock(Path(engine.url.database or "")):
                yield
        else:
            async with engine.begin() as connection:
                await connection.execute(_LOCKING, {"key": _ADVISORY_LOCK})
                yield
    finally:
        await engine.dispose()


async def _on_sqlite(engine: AsyncEngine, target: str) -> None:
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    async with _file_lock(Path(engine.url.database or "")), engine.begin() as connection:
        if not await _upgrade(connection, target):
            return
        if (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first():
            raise UserError(
                "the migration left rows without parents, so nothing was changed; please report it"
            )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Foreign keys stay off: batch mode rebuilds tables, and dropping the old one would cascade.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # Kept in the file. Two processes must not set it at once.
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _on_postgresql(engine: AsyncEngine, target: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(_LOCKING, {"key": _ADVISORY_LOCK})
        await _upgrade(connection, target)


@asynccontextmanager
async def _file_lock(path: Path) -> AsyncIterator[None]:
    """Hold ``<path>.lock``, which the system frees if this process dies; make the store if absent."""
    file = _open_lock(path)
    try:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _open_lock(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # It holds password hashes.
    return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


async def _upgrade(connection: AsyncConnection, target: str) -> bool:
    """Say whether there was anything to do."""
    current = await connection.run_sync(_revision)
    if current is not None and current not in REVISIONS:
        raise UserError(
            f"the database was written by a newer Crawlight (revision {current}, this one knows up to "
            f"{REVISIONS[-1]}); update Crawlight, or restore a backup from before"
        )
    if current is not None and current >= target:
        return False
    await connection.run_sync(_run_alembic, target)
    return True


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _run_alembic(connection: Connection, target: str) -> None:
    # Not at the top: it takes a fifth of a second, and most starts need none of it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, target)
