"""The durable append of records: a group commit that acknowledges what is on disk, and nothing else.

Each writing process appends to a segment of its own. While one write is being brought to disk, all that comes
meanwhile waits for the next one: no timer, and under load one fdatasync serves many. A segment is handed to
the loader by a rename, once it is large or a moment old. One whose writer died is handed over by the loader
(`Spool.adopt`): a lock on the open file, which the dead do not hold, tells the two apart.
"""

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, cast

import msgspec
import structlog

from crawlight.crawls import frames
from crawlight.crawls.crawl import Record
from crawlight.crawls.spool import Spool

SEGMENT_BYTES: Final = 4 * 1024 * 1024
"""Space that a segment is given at once; one that has used it up is handed over."""

AGE_SECONDS: Final = 0.4
"""How long a segment with records stays open: a crawl is in the export within 2 seconds."""

_TOLD_EVERY_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


class SpoolFullError(Exception):
    """The disk takes no more records. Those of the call are not accepted, and none of them will be counted."""


class _Waiting(msgspec.Struct, gc=False):
    """Frames of ``count`` records for the disk; without records, the wish that the segment is handed over."""

    data: bytes
    count: int
    done: asyncio.Future[None]


class Recorder:
    """Writes records of one process and one event loop to the spool. Opened lazily, closed by `close`.

    One thread does it, so that writes, syncs and renames of a process are one after the other. It is woken once,
    stays awake while there is work, and tells the loop once for each write: under load, threads that hand the
    interpreter to each other cost more than the disk.
    """

    def __init__(
        self, spool: Spool, *, segment_bytes: int = SEGMENT_BYTES, age_seconds: float = AGE_SECONDS
    ) -> None:
        self._spool = spool
        self._segment_bytes = segment_bytes
        self._age_seconds = age_seconds
        self._name = f"crawls-{secrets.token_hex(8)}"
        self._number = 0
        self._segment: _Segment | None = None
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.lost = 0
        """Records that nobody will send again, and that the disk did not take."""
        self.failure = ""
        """Why the last write failed; empty once one succeeded."""
        self._told_at = float("-inf")

    async def record(self, records: Sequence[Record]) -> None:
        """Return once the records are on disk. Raises SpoolFullError, ValueError for text that is no Unicode.

        Cancelling the call does not take records back that are on their way.
        """
        if self._closed:
            raise RuntimeError("the recorder is closed")
        if not records:
            return
        await self._put(frames.encode(records), len(records))

    async def record_or_lose(self, records: Sequence[Record]) -> bool:
        """Record for a caller that must go on whatever happens; answers whether the records are on disk.

        What is lost is counted in ``lost``, and told in the log once a minute.
        """
        try:
            await self.record(records)
        except SpoolFullError as error:
            self.lost += len(records)
            if time.monotonic() - self._told_at > _TOLD_EVERY_SECONDS:
                self._told_at = time.monotonic()
                log.error("crawls_lost", reason=str(error), lost=self.lost)
            return False
        return True

    async def hand_over(self) -> None:
        """Give the loader at once what was recorded so far."""
        if self._thread is not None:
            await self._put(b"", 0)

    async def close(self) -> None:
        """Bring to disk what waits, hand over the open segment, stop."""
        if self._closed:
            return
        self._closed = True
        await self.hand_over()
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _put(self, data: bytes, count: int) -> asyncio.Future[None]:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            # Nobody is told of what the end of the process cuts short: it must wait for nothing.
            self._thread = Thread(target=self._work, name="spool", daemon=True)
            self._thread.start()
        done = self._loop.create_future()
        self._queue.put(_Waiting(data, count, done))
        return done

    def _tell(self, waiting: Sequence[_Waiting], failure: Exception | None) -> None:
        for one in waiting:
            if not one.done.done():
                one.done.set_result(None) if failure is None else one.done.set_exception(failure)

    # What follows runs on the recorder's thread.

    def _work(self) -> None:
        """One write after the other, each with everything that waits."""
        while (taken := self._taken()) is not None:
            if records := [one for one in taken if one.count]:
                self._answer(records, self._commit(records))
            asked = [one for one in taken if not one.count]
            if asked or (self._segment is not None and self._segment.remaining() <= 0):
                self._close_segment()
                self._answer(asked, None)

    def _taken(self) -> list[_Waiting] | None:
        """What waits, at least one; nothing where the segment has come of age; None at the end."""
        patience = None if self._segment is None else max(self._segment.remaining(), 0)
        try:
            first = self._queue.get(timeout=patience)
        except Empty:
            return []
        taken = [first, *[self._queue.get_nowait() for _ in range(self._queue.qsize())]]
        return None if None in taken else cast(list[_Waiting], taken)

    def _answer(self, waiting: Sequence[_Waiting], failure: Exception | None) -> None:
        with suppress(RuntimeError):  # The loop is closed, and nobody waits any more.
            cast(asyncio.AbstractEventLoop, self._loop).call_soon_threadsafe(self._tell, waiting, failure)

    def _commit(self, records: Sequence[_Waiting]) -> Exception | None:
        data, count = b"".join([one.data for one in records]), sum([one.count for one in records])
        try:
            self._write(data, count)
        except OSError as error:
            self.failure = f"the spool cannot be written: {error.strerror}"
            return SpoolFullError(self.failure)
        except Exception as error:
            return error
        self.failure = ""
        return None

    def _write(self, data: bytes, count: int) -> None:
        if self._segment is None:
            self._number += 1
            name = f"{self._name}-{self._number:06d}"
            self._segment = _Segment(self._spool, name, self._segment_bytes, self._age_seconds)
        try:
            self._segment.append(data, count)
        except OSError:
            # What was acknowledged before goes to the loader, and the next call tries a new segment.
            self._close_segment()
            raise
        if self._segment.used >= self._segment_bytes:
            self._close_segment()

    def _close_segment(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.close()


class _Segment:
    """The open segment of a process."""

    def __init__(self, spool: Spool, name: str, size: int, seconds: float) -> None:
        self.used = 0
        self._until = time.monotonic() + seconds
        self._count = 0
        self._spool = spool
        self._name = name
        # It is locked before it has the name that the loader looks for: an open segment is never without lock.
        self._file = spool.create(self._name)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            os.posix_fallocate(self._file, 0, size)
            spool.open(self._name)
        except OSError:
            os.close(self._file)
            spool.drop(self._name)
            raise

    def remaining(self) -> float:
        """Seconds until it is old enough to be handed over."""
        return self._until - time.monotonic()

    def append(self, data: bytes, count: int) -> None:
        """Bring frames to disk; where that fails, nothing of them is left in the segment."""
        try:
            _write_all(self._file, data, self.used)
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self.used)
            raise
        self.used += len(data)
        self._count += count

    def close(self) -> None:
        """Hand the segment to the loader; one without records is removed.

        Nothing here must succeed for what was acknowledged to be counted: the loader also takes a segment
        that was never closed.
        """
        try:
            if self._count:
                self._finish()
                self._spool.hand_over(self._name)
            else:
                self._spool.drop(self._name)
        except OSError:
            pass
        finally:
            os.close(self._file)

    def _finish(self) -> None:
        last = frames.end(self._count)
        os.ftruncate(self._file, self.used)  # gives back what was allocated and not used
        _write_all(self._file, last, self.used)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
