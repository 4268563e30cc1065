"""The connection to the events store: one owner process, one client per thread, inserts with a token."""

import asyncio
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from crawlight.errors import UserError
from crawlight.events import schema
from crawlight.events.tokens import forget_lost_inserts, sync_tokens
from crawlight.kit.loading import without
from crawlight.kit.logs import first_line, logger

T = TypeVar("T")
Columns = Sequence[Sequence[Any]]
MEMORY = "chdb://memory"
"""A store that keeps nothing, for work inside one process."""

HashKey = tuple[int, int]
"""What keys the hashes of paths: two numbers of 64 bits."""

Agreement = Callable[[HashKey | None], HashKey]
"""Answers the key that holds for all who share a store; it is given the one that the store has, if it has one."""

Upgrading = Callable[[], AbstractContextManager[Agreement]]
"""Keeps others from changing the schema for as long as its block runs."""

StoreError = ClickHouseError
"""What every call of the store raises where the store refuses it or is away."""

_MEMORY = "background_thread:true,dirty_decay_ms:1000"
"""The engine gives back what it no longer uses after a second; by itself it would once it works again, if it does."""

# One insert may hold records of many months: each is a partition, and the engine's default bound is 100.
_INSERT_SETTINGS = {"max_partitions_per_insert_block": 0}


class StoreBusyError(UserError):
    """Another process owns the embedded events store."""

    status = 503


def load_engine(url: str) -> None:
    """Load the engine of an embedded store, which takes a moment; on any thread, while there is other work to do."""
    if url.startswith("chdb:"):
        os.environ.setdefault("JE_MALLOC_CONF", _MEMORY)
        with without("pyarrow"):  # What it brings is for those who hand the engine tables of it.
            import chdb  # noqa: F401


class EventsStore:
    """Queries and inserts. Calls block; a server makes them through `run`, on threads of the store's own."""

    def __init__(
        self, url: str, *, threads: int = 4, wait: bool = True, upgrading: Upgrading | None = None
    ) -> None:
        """Open the store, bring its schema up to date. Raises StoreBusyError, or UserError if unreachable.

        Without ``wait`` it is still being opened: calls wait for that where they have to, and fail as it does.
        ``upgrading`` is what a schema that is not up to date is changed under, on another thread; without it the store
        is taken to be this process's own.
        """
        self._url = url
        self._upgrading = upgrading or _by_itself
        self._lock = _own(url)
        if self.folder and (lost := forget_lost_inserts(self.folder)):
            logger(__name__).warning("inserts_cut_off", tables=lost)
        self._local = threading.local()
        self._clients: list[Client] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="events")
        self._opening = self._threads.submit(self._open)
        if wait:
            try:
                self.wait()
            except UserError:
                self.close()
                raise

    def wait(self) -> None:
        """Return once the store is open. Raises UserError where it cannot be opened."""
        try:
            self._opening.result()
        except StoreError as error:
            raise UserError(f"events store {_without_password(self._url)}: {first_line(error)}") from error

    @property
    def folder(self) -> Path | None:
        """The folder of an embedded store; None where it has none."""
        return Path(self._url.removeprefix("chdb://")) if self._url.startswith("chdb:///") else None

    def columns(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, as_bytes: bool = False
    ) -> Columns:
        """Run a query; answer its result column by column, and no columns at all where it has no rows.

        ``as_bytes`` keeps String values undecoded, for text that may be no UTF-8.
        """
        formats = {"String": "bytes"} if as_bytes else None
        columns: Columns = (
            self._client().query(sql, parameters=dict(parameters or {}), query_formats=formats).result_columns
        )
        return columns

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Run a statement; answer its single value, if any."""
        return self._client().command(sql, parameters=dict(parameters or {}))

    def insert_columns(self, table: str, names: Sequence[str], columns: Columns) -> None:
        """Insert into a table of the calling process's own, without a token."""
        self._client().insert(table, columns, column_names=names, column_oriented=True)

    def block(
        self, sql: str, parameters: Mapping[str, Any] | None = None, block_format: str = "Native"
    ) -> bytes:
        """Run a query; answer its result in one of ClickHouse's formats, as `insert_block` takes it."""
        return self._client().raw_query(sql, parameters=dict(parameters or {}), fmt=block_format)

    def insert_block(
        self, table: str, names: Sequence[str], block: bytes, token: str, block_format: str = "Native"
    ) -> None:
        """Insert rows in one of ClickHouse's formats; an embedded store has them on disk then, with the token.

        The same token again counts once, in the table and every rollup.
        """
        settings = {**_INSERT_SETTINGS, "insert_deduplication_token": token}
        self._client().raw_insert(table, names, block, settings=settings, fmt=block_format)
        if self.folder:
            sync_tokens(self.folder)

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run a blocking call on one of the store's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def ping(self) -> None:
        """Raise StoreError if the store does not answer."""
        self.command("SELECT 1")

    def close(self) -> None:
        """Wait for running calls, close every client, give the lock back."""
        self._threads.shutdown(wait=True)
        for client in self._clients:
            client.close()
        self._clients.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            if not getattr(self._local, "opens", False):
                self._opening.result()
            load_engine(self._url)
            client = clickhouse_connect.get_client(dsn=self._url, **_options(self._url))
            self._local.client = client
            self._clients.append(client)
        return client

    def _open(self) -> None:
        self._local.opens = True
        if self._url != MEMORY:
            self._migrate()

    def _migrate(self) -> None:
        self.command(schema.STEPS_TABLE)
        if schema.is_newest(self._applied()):
            return
        with self._upgrading() as agreed:
            key = self._hash_key(agreed)
            schema.apply_missing(self.command, self._applied(), key)

    def _applied(self) -> Sequence[int]:
        found = self.columns("SELECT step FROM schema_steps")
        return found[0] if found else ()

    def _hash_key(self, agreed: Agreement) -> HashKey:
        """The key of this store's hashes: there before the first step, never changed."""
        self.command(schema.HASH_KEY_TABLE)
        if kept := self.columns("SELECT high, low FROM schema_hash_key"):
            return agreed((kept[0][0], kept[1][0]))
        key = agreed(None)
        parts = {"high": key[0], "low": key[1]}
        self.command("INSERT INTO schema_hash_key VALUES ({high:UInt64}, {low:UInt64})", parts)
        return key


@contextmanager
def _by_itself() -> Iterator[Agreement]:
    yield lambda kept: kept or (secrets.randbits(64), secrets.randbits(64))


def _options(url: str) -> dict[str, Any]:
    if url.startswith("chdb:"):
        # By default it counts its own memory twenty times a second, which costs more than all else at rest.
        return {"chdb_options": {"memory_worker_period_ms": 1000}}
    # Threads that share a session id are refused by a server: "concurrent queries within the same session".
    return {"autogenerate_session_id": False}


def _own(url: str) -> int | None:
    """Lock the directory of an embedded store. A dead process holds no lock."""
    if not url.startswith("chdb:///"):
        return None
    folder = Path(url.removeprefix("chdb://"))
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.with_name(folder.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise StoreBusyError(
            f"the events store in {folder} is in use by another process; try again"
        ) from None
    return lock


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
