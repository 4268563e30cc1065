"""Slots of the browser: so many renders at a time, a bounded number behind them, the most urgent first."""

import asyncio
import heapq
import itertools

from crawlight.rendering.contract import RenderError


class RenderSlots:
    """``running`` renders have a slot, ``waiting`` wait for one."""

    def __init__(self, most: int, most_waiting: int) -> None:
        self.most = most
        self.running = 0
        self._most_waiting = most_waiting
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(not slot.done() for _, _, slot in self._queue)

    async def enter(self, priority: int) -> None:
        """Wait for a slot: the lower priority first, then who came first. Raises RenderError where too many wait."""
        if self.running < self.most:
            self.running += 1
            return
        if len(self._queue) >= self._most_waiting and self.waiting >= self._most_waiting:
            raise RenderError("overloaded", f"{self._most_waiting} renders wait already")
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (priority, next(self._order), slot))
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the slot to the next."""
        while self._queue:
            _, _, slot = heapq.heappop(self._queue)
            if not slot.done():
                slot.set_result(None)
                return
        self.running -= 1
