"""The loader: takes published segments from the spool into the events store, each exactly once."""

import asyncio
import threading

import structlog

from crawlight.crawls.spool import CorruptSegmentError, Spool
from crawlight.events.store import EventsStore, StoreError

log = structlog.get_logger(__name__)

# A crawl is in the export within 2 seconds of being accepted (spec 3.3); looking costs one scandir.
_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0


class Loader:
    """One of it may run for an events store: the process that owns the store's lock runs it."""

    def __init__(self, spool: Spool, store: EventsStore) -> None:
        self._spool = spool
        self._store = store
        self._failure = ""
        self._turn = threading.Lock()

    def load_published(self) -> int:
        """Load every segment that waits; answer how many records. Raises StoreError if the store is away.

        A segment is removed after the store has confirmed it. Whoever dies in between, the replay carries the
        same token and counts once.
        """
        with self._turn:
            return sum(self._load(name) for name in self._spool.published())

    def state(self) -> str:
        """What is wrong: the store is away, or segments were set aside; empty while all is well."""
        aside = len(self._spool.set_aside())
        told = f"{aside} segments were set aside as unreadable in {self._spool.folder}" if aside else ""
        return self._failure or told

    async def run(self) -> None:
        """Load for as long as the task lives; while the store is away, try again ever more slowly."""
        pause = _PAUSE_SECONDS
        while True:
            try:
                await self._store.run(self.load_published)
                self._failure, pause = "", _PAUSE_SECONDS
            except (StoreError, OSError) as error:
                self._failure = str(error).splitlines()[0]
                log.warning("loader_waits", reason=self._failure, retry_in_seconds=pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    def _load(self, name: str) -> int:
        try:
            segment = self._spool.read(name)
        except CorruptSegmentError as error:
            self._spool.put_aside(name)
            log.error("segment_set_aside", segment=name, reason=str(error))
            return 0
        self._store.insert_native("records", segment.header.columns, segment.block, token=name)
        self._spool.remove(name)
        return segment.header.rows
