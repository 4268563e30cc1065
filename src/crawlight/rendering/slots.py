"""The line before the browser: so many at a time, a bounded number behind them, the most urgent first."""

import asyncio
import heapq
import itertools

from crawlight.rendering.contract import RenderError


class RenderSlots:
    """``running`` have a place, ``waiting`` wait for one."""

    def __init__(self, places: int, most_waiting: int) -> None:
        self.places = places
        self.running = 0
        self._most_waiting = most_waiting
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(not place.done() for _, _, place in self._line)

    async def enter(self, priority: int) -> None:
        """Wait for a place: the lower priority first, then who came first. Raises RenderError where too many wait."""
        if self.running < self.places:
            self.running += 1
            return
        if len(self._line) >= self._most_waiting and self.waiting >= self._most_waiting:
            raise RenderError("overloaded", f"{self._most_waiting} renders wait already")
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (priority, next(self._order), place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place to the next."""
        while self._line:
            _, _, place = heapq.heappop(self._line)
            if not place.done():
                place.set_result(None)
                return
        self.running -= 1
