"""The events store is brought up to date under the database's lock, with the hash key that the database holds.

ClickHouse knows no lock that several servers share, and two that start on an empty store would make two keys.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from crawlight.accounts.secrets import secret
from crawlight.database.engine import Database
from crawlight.database.migrate import alone
from crawlight.events.store import Agreement, HashKey

T = TypeVar("T")

_NAME: Final = "paths"
_WORD: Final = 8
"""Bytes of each half of a key."""


class Upgrade:
    """An `Upgrading` for a store that is opened on another thread than the event loop's, where this is made."""

    def __init__(self, url: str, database: Awaitable[Database]) -> None:
        """``database`` is the one at ``url``, which may still be being opened."""
        self._url = url
        self._database = database
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def __call__(self) -> Iterator[Agreement]:
        """Hold the lock. The database comes first: to be opened, it may need the lock itself."""
        database = self._wait(self._opened())
        lock = alone(self._url)
        self._wait(lock.__aenter__())
        try:
            yield lambda kept: self._wait(_agreed(database, kept))
        finally:
            self._wait(_ended(lock))

    async def _opened(self) -> Database:
        return await self._database

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _ended(lock: Any) -> None:
    await lock.__aexit__(None, None, None)


async def _agreed(database: Database, kept: HashKey | None) -> HashKey:
    """The store's own key where it has one, for its hashes are made with it; else the database's."""
    own = b"".join(half.to_bytes(_WORD, "big") for half in kept) if kept else None
    known = await secret(database, _NAME, own)
    return kept or (int.from_bytes(known[:_WORD], "big"), int.from_bytes(known[_WORD : 2 * _WORD], "big"))
