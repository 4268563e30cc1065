"""The role ``loader``: what the spool received goes into the events store. It loads neither surface nor browser."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from importlib import import_module
from typing import Any

import msgspec
import structlog

from crawlight.domains.registry import remove_domain
from crawlight.events.fetched import last_fetched
from crawlight.events.store import EventsStore, StoreError
from crawlight.ingest.handover import import_lock, settle
from crawlight.ingest.loader import Loader, Robots
from crawlight.ingest.retired import drop_retired
from crawlight.ingest.upkeep import Retention, finish_forgetting, upkeep
from crawlight.kit import clock
from crawlight.kit.logs import first_line
from crawlight.runtime.core import Core
from crawlight.runtime.jobs import Job

log = structlog.get_logger(__name__)


class LoaderServices:
    """The loader, and what else writes to the events store. ``loader.run`` and the jobs do the work."""

    def __init__(self, core: Core, store: EventsStore, robots: Robots | None = None) -> None:
        """``robots`` looks at the robots.txt of domains; without it records are numbered by what others noted."""
        self._core, self._store = core, store
        self._embedded = core.settings.events_url.startswith("chdb:")
        self._tidying = asyncio.Lock()
        """Held by what removes rows: an import that is being taken back needs all of its own."""
        self.loader = Loader(core.spool, store, core.database, core.identity, robots=robots)

    def jobs(self) -> list[Job]:
        """What is done again and again."""
        shared = not self._embedded  # An embedded events store is each node's own.
        return [
            Job("settle-imports", 60, "loader", False, self.settle),
            Job("retention", 3_600, "loader", shared, self.upkeep),
            Job("retired-snapshots", 86_400, "loader", True, self.drop_retired),
        ]

    async def load(self) -> bytes:
        """Load what waits in the spool now; answer the number of records as text."""
        return str(await self.loader.load_published()).encode()

    async def take_logs(self, order: dict[str, Any], logs: dict[str, str]) -> bytes:
        """Import small logs for a command, by name and Base64; answer them `Told` as JSON.

        Answers nothing where the command has to do it itself: another import is running, or the engine that would read
        them is another machine's. Raises UserError where there is no such domain.
        """
        with import_lock(self._core.spool, wait=False) as free:
            if not free or not self._embedded:
                return b""
            # What reads logs takes 18 MiB, which a server that imports nothing does without.
            taking = await asyncio.to_thread(import_module, "crawlight.runtime.taking")
            handed = msgspec.convert(logs, dict[str, bytes])
            return msgspec.json.encode(await taking.take(self._core, self._store, self.load, order, handed))

    async def undo(self, numbers: list[int]) -> bytes:
        """Take imports back; answer them as JSON. Raises UserError where one cannot be. Needs the import lock."""
        async with self._tidying:
            return msgspec.json.encode(await self.loader.undo(numbers))

    async def forget(self, host: str) -> bytes:
        """Remove everything of a domain; answer its name. Raises UserError where there is none.

        What the events store has of it goes by and by where the store is away.
        """
        name = await remove_domain(self._core.database, host)
        async with self.loader.paused():
            try:
                await finish_forgetting(self._core.database, self._store)
            except StoreError as error:
                log.warning("domain_not_yet_forgotten", reason=first_line(error))
        return name.encode()

    async def upkeep(self) -> None:
        """Remove what is kept no longer."""
        settings = self._core.settings
        retention = Retention(settings.retention_days, settings.retention_months)
        async with self._tidying:
            await upkeep(self._core.database, self._store, retention)

    async def drop_retired(self) -> None:
        """Remove snapshots that left their page's history and are not what some crawler got last."""
        await self.loader.load_published()  # What crawlers got a moment ago is kept.
        since = clock.now() - timedelta(days=self._core.settings.snapshot_fetched_days)

        async def fetched(contents: Collection[int]) -> Collection[int]:
            return await self._store.run(last_fetched, self._store, contents, since)

        await drop_retired(self._core.database, fetched)

    async def settle(self) -> None:
        """Finish or undo what an import left behind, unless one is running."""
        with import_lock(self._core.spool, wait=False) as locked:
            if locked:
                await settle(self._core.spool, self._core.database)
