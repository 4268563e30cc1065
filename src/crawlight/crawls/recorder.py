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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from crawlight.crawls import frames
from crawlight.crawls.crawl import Record
from crawlight.crawls.spool import Spool

T = TypeVar("T")

SEGMENT_BYTES: Final = 4 * 1024 * 1024
"""Space that a segment is given at once; one that has used it up is handed over."""

AGE_SECONDS: Final = 0.4
"""How long a segment with records stays open: a crawl is in the export within 2 seconds."""


_TOLD_EVERY_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


class SpoolFullError(Exception):
    """The disk takes no more records. Those of the call are not accepted, and none of them will be counted."""


class Recorder:
    """Writes records of one process and one event loop to the spool. Opened lazily, closed by `close`."""

    def __init__(
        self, spool: Spool, *, segment_bytes: int = SEGMENT_BYTES, age_seconds: float = AGE_SECONDS
    ) -> None:
        self._spool = spool
        self._segment_bytes = segment_bytes
        self._age_seconds = age_seconds
        # One thread: writes, syncs and renames of a process are one after the other.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._name = f"crawls-{secrets.token_hex(8)}"
        self._number = 0
        self._segment: _Segment | None = None
        self._waiting: list[tuple[bytes, int, asyncio.Future[None]]] = []
        self._commits: asyncio.Task[None] | None = None
        self._ageing: asyncio.TimerHandle | None = None
        self._closed = False
        self.lost = 0
        """Records that the disk did not take."""
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
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((frames.encode(records), len(records), done))
        if self._commits is None:
            self._commits = asyncio.create_task(self._commit_waiting())
        await done

    async def record_or_lose(self, records: Sequence[Record]) -> bool:
        """Record for a caller that must go on whatever happens; answers whether the records are on disk.

        What is lost is counted in ``lost``, and told in the log once a minute.
        """
        try:
            await self.record(records)
        except SpoolFullError as error:
            if time.monotonic() - self._told_at > _TOLD_EVERY_SECONDS:
                self._told_at = time.monotonic()
                log.error("crawls_lost", reason=str(error), lost=self.lost)
            return False
        return True

    async def hand_over(self) -> None:
        """Give the loader at once what was recorded so far."""
        await self._run(self._close_segment)

    async def close(self) -> None:
        """Bring to disk what waits, hand over the open segment, stop."""
        if self._closed:
            return
        self._closed = True
        if self._commits is not None:
            await self._commits
        if self._ageing is not None:
            self._ageing.cancel()
        await self.hand_over()
        self._thread.shutdown(wait=True)

    async def _commit_waiting(self) -> None:
        """One write after the other, each with everything that waits, until nothing does."""
        while self._waiting:
            taken, self._waiting = self._waiting, []
            failure = await self._commit(
                b"".join([data for data, _, _ in taken]), sum(n for _, n, _ in taken)
            )
            for _, _, done in taken:
                if not done.done():
                    done.set_result(None) if failure is None else done.set_exception(failure)
            self._watch_age()
        self._commits = None

    async def _commit(self, data: bytes, count: int) -> Exception | None:
        try:
            await self._run(self._write, data, count)
        except OSError as error:
            self.lost += count
            self.failure = f"the spool cannot be written: {error.strerror}"
            return SpoolFullError(self.failure)
        except Exception as error:
            return error
        self.failure = ""
        return None

    def _watch_age(self) -> None:
        if self._ageing is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._ageing = loop.call_later(self._age_seconds, self._aged)

    def _aged(self) -> None:
        self._ageing = None
        self._thread.submit(self._close_segment)

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    # What follows runs on the recorder's thread.

    def _write(self, data: bytes, count: int) -> None:
        if self._segment is None:
            self._number += 1
            name = f"{self._name}-{self._number:06d}"
            self._segment = _Segment(self._spool, name, self._segment_bytes)
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

    def __init__(self, spool: Spool, name: str, size: int) -> None:
        self.used = 0
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
