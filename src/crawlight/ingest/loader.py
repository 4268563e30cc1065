"""The loader: takes what waits in the spool into the events store, each record exactly once."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Protocol

import msgspec

from crawlight.bots.identity import Identity
from crawlight.crawls.spool import CorruptSegmentError, Spool
from crawlight.database.engine import Database
from crawlight.domains import pages
from crawlight.domains.registry import existing
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.ingest import undoing
from crawlight.ingest.gathering import Gatherer
from crawlight.kit.locks import file_lock
from crawlight.kit.logs import first_line, logger
from crawlight.kit.stillness import Stillness

# A crawl is in the export within 2 seconds of being accepted (spec 3.3); looking costs one scandir.
_PAUSE_SECONDS: Final = 0.4
"""Inserts cost by the piece, so crawls that trickle in are gathered for a moment."""
_LOOK_ANYWAY_SECONDS: Final = 5.0
_SIDE_BY_SIDE: Final = 2
_MOST_KNOWN: Final = 500_000
_LONGEST_PAUSE_SECONDS: Final = 30.0
_MOST_REFUSALS: Final = 6


class Refusal(msgspec.Struct):
    """A segment that the store refused while it answered: how often, and when it is tried again."""

    reason: str
    loaded_before: int
    """Segments that had been loaded when it was refused first."""
    times: int = 0
    next_at: float = 0.0


class Robots(Protocol):
    """Who looks at the robots.txt of domains (`rendering.origins.RobotsFiles`)."""

    def crawled(self, domain_ids: Iterable[DomainId]) -> None:
        """Crawlers come to these domains."""

    async def asked_for(self, domain_ids: Collection[DomainId]) -> Mapping[DomainId, int]:
        """The numbers of the versions that crawlers have just got, where they are known."""


class Loader:
    """One works on a spool at a time, whoever owns it: a lock sees to that."""

    def __init__(
        self,
        spool: Spool,
        store: EventsStore,
        database: Database,
        identity: Identity,
        *,
        retry_seconds: float = 1.0,
        robots: Robots | None = None,
    ) -> None:
        """``retry_seconds`` is the first pause before a refused segment is tried again; it doubles.

        ``robots`` is told where crawlers come, and asked what they got of a robots.txt.
        """
        self._spool = spool
        self._store = store
        self._database = database
        self._robots = robots
        self._gatherer = Gatherer(spool, database, identity, robots.asked_for if robots else None)
        self._retry_seconds = retry_seconds
        self._known: dict[DomainId, set[str]] = {}
        self._refused: dict[str, Refusal] = {}
        self._loaded = 0
        self._away = ""
        self._turn = asyncio.Lock()
        self._finished = False
        self._waits = True

    async def load_published(self) -> int:
        """Load what waits; answer how many records. Raises what keeps the store or the database away.

        A segment is removed after the store has confirmed it and its pages are known. Whoever dies in between,
        the replay carries the same token and counts once.
        """
        async with self.paused():
            rows = await self._load_all()
            self._spool.adopt()
            for _ in self._spool.recorded():  # Not more: while crawls come in there is always a next one.
                if not await self._gatherer.gather():
                    break
                rows += await self._load_all()
            return rows

    async def undo(self, numbers: Collection[int]) -> list[undoing.Listed]:
        """Take imports back (`undoing.undo`), once all that waits is loaded. The caller holds the import lock."""
        await self.load_published()
        async with self.paused():
            self._finished = False
            return await undoing.undo(self._database, self._store, numbers)

    async def finish_undos(self) -> None:
        """Go on with what a process that died had decided to take back."""
        async with self.paused():
            await self._finish_undos()

    async def _finish_undos(self) -> None:
        if not self._finished:
            await undoing.finish(self._database, self._store)
            self._finished = True

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Nothing is loaded while the block runs, by this process or another."""
        async with self._turn:
            while True:
                with file_lock(self._spool.folder / "loader.lock", wait=False) as locked:
                    if locked:
                        yield
                        return
                await asyncio.sleep(0.05)

    def state(self) -> str:
        """What is wrong: the store is away, segments are refused or were set aside; empty while all is well."""
        told = [self._away] if self._away else []
        told += [f"segment {name} is refused: {one.reason}" for name, one in self._refused.items()]
        if aside := len(self._spool.set_aside()):
            told.append(f"{aside} segments were set aside as unreadable in {self._spool.folder}")
        return "; ".join(told)

    async def run(self) -> None:
        """Load for as long as the task lives; while the store is away, try again ever more slowly."""
        still = Stillness([self._spool.folder], _LOOK_ANYWAY_SECONDS)
        pause = _PAUSE_SECONDS
        while True:
            try:
                if self._owes_something() or not still():
                    await self._once()
                    self._away, pause = "", _PAUSE_SECONDS
            except Exception as error:
                # Whatever it is, the next segments must not wait for a restart that nobody knows is needed.
                self._away = first_line(error)
                logger(__name__).warning("loader_waits", reason=self._away, retry_in_seconds=pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    def _owes_something(self) -> bool:
        """Whether there may be work though nothing has changed in the spool's folder."""
        return bool(self._away or self._refused or self._waits or not self._finished)

    async def _once(self) -> None:
        """One round. Whatever is published is loaded first."""
        async with self.paused():
            await self._load_all()
            if await self._gatherer.gather():
                await self._load_all()
            self._waits = not self._spool.is_empty()

    async def _load_all(self) -> int:
        """Load every published segment whose turn it is."""
        await self._finish_undos()
        await self._gatherer.settle()
        now = time.monotonic()
        names = self._spool.published()
        due = iter(
            [name for name in names if name not in self._refused or self._refused[name].next_at <= now]
        )
        lanes = await asyncio.gather(
            *(self._load_some(due) for _ in range(_SIDE_BY_SIDE)), return_exceptions=True
        )
        self._set_refused_aside(names)
        rows = 0
        for lane in lanes:
            if isinstance(lane, BaseException):
                raise lane
            rows += lane
        return rows

    async def _load_some(self, names: Iterator[str]) -> int:
        """Load one after the other; one that is refused keeps nothing back. Raises where the stores are away."""
        rows = 0
        for name in names:
            try:
                rows += await self._load(name)
                self._loaded += 1
                self._refused.pop(name, None)
            except Exception as error:
                await self._check_stores(error)
                self._note_refusal(name, first_line(error))
        return rows

    async def _check_stores(self, error: Exception) -> None:
        """Raise the error of a segment unless both stores answer: then it is the segment's own."""
        try:
            await self._store.run(self._store.ping)
            await existing(self._database, ())
        except Exception:
            raise error from None

    def _note_refusal(self, name: str, reason: str) -> None:
        refusal = self._refused.setdefault(name, Refusal(reason, self._loaded))
        refusal.reason = reason
        refusal.next_at = time.monotonic() + self._retry_seconds * 2**refusal.times
        refusal.times += 1
        logger(__name__).warning("segment_refused", segment=name, reason=reason, times=refusal.times)

    def _set_refused_aside(self, present: Sequence[str]) -> None:
        """Put segments aside that were refused again and again while others were loaded."""
        for name, refusal in list(self._refused.items()):
            if name not in present:
                del self._refused[name]
            elif refusal.times >= _MOST_REFUSALS and self._loaded > refusal.loaded_before:
                self._put_aside(name, refusal.reason)
                del self._refused[name]

    def _put_aside(self, name: str, reason: str) -> None:
        self._spool.put_aside(name)
        logger(__name__).error("segment_set_aside", segment=name, reason=reason)

    async def _load(self, name: str) -> int:
        try:
            segment = await self._store.run(self._spool.read, name)
        except CorruptSegmentError as error:
            self._put_aside(name, str(error))
            return 0
        header = segment.header
        self._spool.remove_sources(header.sources)  # Another process may have died before it did.
        insert = (header.columns, segment.block, header.token or name, header.format)
        await self._store.run(self._store.insert_block, "records", *insert)
        known = await existing(self._database, header.pages) if header.pages else set()
        if self._robots is not None:
            self._robots.crawled(known)
        for domain_id in known:
            await self._learn(domain_id, header.pages[domain_id])
        self._spool.remove(name)
        return header.rows

    async def _learn(self, domain_id: DomainId, paths: Sequence[str]) -> None:
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
