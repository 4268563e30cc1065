"""The loader: takes published segments from the spool into the events store, each exactly once."""

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from crawlight.crawls.spool import CorruptSegmentError, Spool
from crawlight.database.engine import Database
from crawlight.domains import pages
from crawlight.events.store import EventsStore
from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)

# A crawl is in the export within 2 seconds of being accepted (spec 3.3); looking costs one scandir.
_PAUSE_SECONDS = 0.2
_SIDE_BY_SIDE = 2
_MOST_KNOWN = 500_000
_MOST_FAILURES = 3
_LONGEST_PAUSE_SECONDS = 30.0


class Loader:
    """One of it may run for an events store: the process that owns the store's lock runs it."""

    def __init__(self, spool: Spool, store: EventsStore, database: Database) -> None:
        self._spool = spool
        self._store = store
        self._database = database
        self._known: dict[int, set[str]] = {}
        self._failure = ""
        self._turn = asyncio.Lock()

    async def load_published(self) -> int:
        """Load every segment that waits; answer how many records. Raises what a segment failed with.

        A segment is removed after the store has confirmed it and its pages are known. Whoever dies in between,
        the replay carries the same token and counts once.
        """
        async with self._turn:
            names = iter(self._spool.published())
            lanes = await asyncio.gather(*(self._load_some(names) for _ in range(_SIDE_BY_SIDE)))
        for _, failures in lanes:
            if failures:
                raise failures[0]
        return sum(rows for rows, _ in lanes)

    async def _load_some(self, names: Iterator[str]) -> tuple[int, list[Exception]]:
        """Load one after the other; one that fails does not keep back the next, several mean the store is away."""
        rows, failures = 0, list[Exception]()
        for name in names:
            try:
                rows += await self._load(name)
            except Exception as error:
                log.warning("segment_not_loaded", segment=name, reason=first_line(error))
                failures.append(error)
                if len(failures) == _MOST_FAILURES:
                    break
        return rows, failures

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
                await self.load_published()
                self._failure, pause = "", _PAUSE_SECONDS
            except Exception as error:
                # Whatever it is, the next segments must not wait for a restart that nobody knows is needed.
                self._failure = first_line(error)
                log.warning("loader_waits", reason=self._failure, retry_in_seconds=pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    async def _load(self, name: str) -> int:
        try:
            segment = await self._store.run(self._spool.read, name)
        except CorruptSegmentError as error:
            self._spool.put_aside(name)
            log.error("segment_set_aside", segment=name, reason=str(error))
            return 0
        columns = segment.header.columns
        await self._store.run(self._store.insert_native, "records", columns, segment.block, name)
        for domain_id, paths in segment.header.pages.items():
            await self._learn(domain_id, paths)
        self._spool.remove(name)
        return segment.header.rows

    async def _learn(self, domain_id: int, paths: Sequence[str]) -> None:
        """Hand on the pages that are new to this loader: most crawls are of pages that it knows."""
        if sum(map(len, self._known.values())) > _MOST_KNOWN:
            self._known.clear()
        known = self._known.setdefault(domain_id, set())
        new = [path for path in paths if path not in known]
        known.update(new)
        try:
            await pages.learn(self._database, domain_id, new)
        except BaseException:
            known.difference_update(new)
            raise
