"""The chunks of a log, staged side by side and taken in their order."""

import asyncio
from collections import deque
from typing import Final

from crawlight.events.store import EventsStore
from crawlight.ingest.segments import Segments
from crawlight.ingest.staged import Staged
from crawlight.ingest.staging import Result, Staging

SIDE_BY_SIDE: Final = 3
"""Chunks that are worked on at the same time."""

_NO_REQUESTS: Final = frozenset(("rejected", "empty", "no_request"))
_OTHERS_BYTES: Final = 1024 * 1024
_SHOWN_REJECTED: Final = 5


class Work:
    """Has chunks staged side by side, and takes what they come to in their order."""

    def __init__(self, staging: Staging, segments: Segments, store: EventsStore, before: int) -> None:
        """``before`` is the number of lines that are before the first chunk."""
        self.total = Staged()
        self._staging = staging
        self._segments = segments
        self._store = store
        self._before = before
        self.in_vain = 0
        """Bytes of the last chunks, as far as none of these has a request."""
        self._running: deque[asyncio.Future[Result]] = deque()
        self._sizes: deque[int] = deque()
        self._others: list[tuple[int, bytes]] = []
        self._others_size = 0

    async def give(self, chunk: memoryview) -> None:
        """Begin with a chunk; return when there is room for the next one."""
        self._sizes.append(len(chunk))
        self._running.append(
            asyncio.ensure_future(self._store.run(self._staging.stage, chunk, self._staging.cut(chunk)))
        )
        await asyncio.sleep(0)  # It begins now, not when the caller has read the next one.
        if len(self._running) == SIDE_BY_SIDE:
            await self._take()

    async def finish(self) -> None:
        """Do what is left, and prepare the last segment."""
        while self._running:
            await self._take()
        await self._take_others()
        self._segments.close()

    async def wait(self) -> None:
        """Wait for what is running, whatever becomes of it: it reads the buffers."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _take(self) -> None:
        # Who waits may be cancelled; the chunk is to be finished all the same.
        part = await asyncio.shield(self._running[0])
        self._running.popleft()
        size = self._sizes.popleft()
        self.in_vain = self.in_vain + size if part.staged.buckets.keys() <= _NO_REQUESTS else 0
        self._add(part, self._before)
        self._others += [(self._before + number, text) for number, text in part.others]
        self._others_size += sum(len(text) for _, text in part.others)
        self._before += part.total
        if self._others_size > _OTHERS_BYTES:
            await self._take_others()

    async def _take_others(self) -> None:
        """Odd lines are few: read them together, because every reading has its price."""
        if self._others:
            self._add(await self._store.run(self._staging.stage_others, self._others), 0)
            self._others, self._others_size = [], 0

    def _add(self, part: Result, before: int) -> None:
        self.total.add(part.staged, _SHOWN_REJECTED, before)
        self._segments.add(part.records, part.staged.pages)
