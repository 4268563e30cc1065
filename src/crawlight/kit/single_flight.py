"""Work that is done once however many ask for it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Runs work by key. Whoever comes while it runs gets the same result, or the same exception."""

    def __init__(self) -> None:
        self._running: dict[K, asyncio.Task[T]] = {}

    async def run(self, key: K, work: Callable[[], Awaitable[T]]) -> T:
        """The result of ``work``, begun now unless it runs already. One who leaves does not end it for the others."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(_awaited(work))
            self._running[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End what runs: whoever waits for it is cancelled."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, key: K, task: asyncio.Task[T]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # Seen, also where everybody has left.


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
