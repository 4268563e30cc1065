"""The connection to the relational store: one ``Database`` per process, on SQLite or PostgreSQL."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Self, cast
from zlib import crc32

from sqlalchemy import Connection, Table, event, func, make_url, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from crawlight.database import generation
from crawlight.database.base import Base
from crawlight.database.migrate import migrate
from crawlight.database.sqlite_files import sqlite_file
from crawlight.kit.stillness import Stillness

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

PATIENCE_SECONDS: Final = 5.0
"""How long a write to SQLite waits for its turn: whoever asked is told so while they still listen."""

_LEFT: Final = "crawlight_left"
_LOCKED: Final = "database is locked"


class Database:
    """Sessions on the relational store. Opened by ``Database.open``, closed in the same event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.changes = 0
        """Commits of this process that changed what edges hold in memory (`generation`)."""
        self.patience = PATIENCE_SECONDS
        self._engine = engine
        on_sqlite = engine.dialect.name == "sqlite"
        # SQLite shows a transaction one state anyway; PostgreSQL would show each statement another one.
        self._reader = engine if on_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine.execution_options(crawlight_write=True)
        # SQLite has one writer at a time and waits by polling, unfairly: writers of one process queue here.
        self._turn = asyncio.Lock() if on_sqlite else None

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to ``sqlite+aiosqlite:///PATH`` or ``postgresql+asyncpg://...`` and update its tables.

        Raises UserError where the store was written by a newer Crawlight or cannot be reached.
        """
        await migrate(url)
        return cls(_engine(url))

    def stillness(self, longest: float) -> Callable[[], bool]:
        """What says whether nobody wrote since it was last asked; for `longest` seconds at most (`kit.stillness`).

        PostgreSQL can always have been written to. Each who looks has one of their own.
        """
        file = sqlite_file(self._engine.url.render_as_string(hide_password=False))
        if file is None:
            return lambda: False
        return Stillness([file, file.with_name(f"{file.name}-wal")], longest)

    async def close(self) -> None:
        """Close all connections, once the sessions that are open have ended; after ``PATIENCE_SECONDS`` anyway.

        A pool that is disposed forgets the connections that are in use: nobody would close them. A session that was
        cancelled still gives its own back for a moment.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while _in_use(self._engine) and time.monotonic() < until:  # noqa: ASYNC110 - a pool tells nobody
            await asyncio.sleep(0.005)
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state of the store; what it changes is dropped."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self, *, patience: float | None = None) -> AsyncIterator[AsyncSession]:
        """A session that is committed at the end, or rolled back where the block raises.

        On SQLite nobody else writes meanwhile: keep it short. Raises OperationalError where others write for
        ``patience`` seconds, by default those of the database.
        """
        wait = self.patience if patience is None else patience
        async with (
            self._taken_turn(wait) as left,
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            if left is not None:
                await session.connection(execution_options={_LEFT: left})
            generation.watch(session)
            yield session
            changed = await generation.raise_if_changed(session)
        self.changes += changed

    @asynccontextmanager
    async def _taken_turn(self, patience: float) -> AsyncIterator[float | None]:
        """Be this process's one writer on SQLite; gives the seconds that are left to wait for other processes."""
        if self._turn is None:
            yield None
            return
        until = time.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                await self._turn.acquire()
        except TimeoutError:
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError(_LOCKED)) from None
        try:
            yield max(until - time.monotonic(), 0)
        finally:
            self._turn.release()


def _in_use(engine: AsyncEngine) -> int:
    """The connections that sessions have."""
    return cast(AsyncAdaptedQueuePool, engine.pool).checkedout()


def insert_into(session: AsyncSession, table: type[Base]) -> "postgresql.Insert":
    """An INSERT that knows ``on_conflict_do_update``: each dialect has its own, with the same members."""
    target = cast(Table, table.__table__)
    if session.get_bind().dialect.name == "sqlite":
        return cast("postgresql.Insert", sqlite.insert(target))
    from sqlalchemy.dialects import postgresql  # Takes a while, and SQLite needs none of it.

    return postgresql.insert(target)


async def one_at_a_time(session: AsyncSession, name: str) -> None:
    """Be the only session that has named this until it ends, on all nodes; on SQLite nobody else writes anyway."""
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(select(func.pg_advisory_xact_lock(crc32(name.encode()))))


class _Connection(sqlite3.Connection):
    """Gives its locks back as it closes.

    SQLite keeps a closed connection, with its transaction, until the last of its statements is gone
    (https://www.sqlite.org/c3ref/close.html). One whose caller went away in the middle lives on in a traceback, and
    nobody could write meanwhile.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _engine(url: str) -> AsyncEngine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"timeout": PATIENCE_SECONDS, "factory": _Connection})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions late and never for reads; _begin_sqlite does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # FULL: NORMAL may lose the last commits with the power, and a lost ledger entry counts a log twice.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("crawlight_write", False):
        connection.exec_driver_sql("BEGIN")
        return
    left = options.get(_LEFT, PATIENCE_SECONDS)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {left * 1000:.0f}")
    try:
        # IMMEDIATE takes the write lock before anything is read: a later upgrade could fail at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000:.0f}")
