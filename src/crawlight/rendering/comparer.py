"""Compares pages with what people see of them: when somebody asks for it, and a sample of each domain in idle time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from crawlight.database.engine import Database
from crawlight.domains import comparisons, wanted
from crawlight.domains.comparisons import Share
from crawlight.domains.failures import FAILURES
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.comparison import Comparison, failed
from crawlight.rendering.contract import request_for
from crawlight.rendering.devtools import DevToolsError
from crawlight.rendering.memory import Snapshot
from crawlight.rendering.plain import PlainError, compared
from crawlight.rendering.renderer import Renderer
from crawlight.rendering.snapshots import Snapshots

log = structlog.get_logger(__name__)

Key = tuple[DomainId, str]
"""Domain id and canonical path."""

FRESH: Final = timedelta(hours=1)
"""An older snapshot is made anew first: a site changes, and that is no fault of the render."""
_RENDER_SECONDS: Final = 120.0
_SETTLED_SECONDS: Final = 4.0
"""After a new render a better one of the same page may take its place for so long."""
_LOOK_EVERY_SECONDS: Final = 0.5


class Comparer:
    """Compares one page at a time. ``shares`` has the whole share of each domain by name, as of the last look."""

    def __init__(
        self, database: Database, renderer: Renderer, snapshots: Snapshots, wake: Callable[[], None]
    ) -> None:
        self.shares: dict[str, Share] = {}
        self._database = database
        self._renderer = renderer
        self._snapshots = snapshots
        self._wake = wake
        self._turn = asyncio.Lock()
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    def is_comparing(self, domain_id: DomainId, path: str) -> bool:
        """Say whether a page is being compared, or waits for its turn."""
        return (domain_id, path) in self._tasks

    def begin(self, domain_id: DomainId, path: str) -> None:
        """Compare a page behind the back of whoever asks for it; once only, however often it is asked for."""
        key = (domain_id, path)
        if key not in self._tasks:
            task = self._tasks[key] = asyncio.create_task(self._compare(key, "purge"))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def sample(self) -> None:
        """Compare the page that is due, if the browser has nothing else to do; leave off where crawlers wait."""
        await self._look()
        key = await comparisons.due(self._database) if self._is_idle() else None
        if key is None:
            return
        task = asyncio.create_task(self._compare(key, "warm"))
        try:
            while not task.done() and not self._renderer.slots.waiting:
                await asyncio.wait([task], timeout=_LOOK_EVERY_SECONDS)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._look()

    async def close(self) -> None:
        """Leave off."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_idle(self) -> bool:
        slots = self._renderer.slots
        return not (slots.running or slots.waiting or self._turn.locked())

    async def _look(self) -> None:
        found = await comparisons.shares(self._database)
        names = await comparisons.hosts(self._database, found)
        self.shares = {names[number]: share for number, share in found.items() if number in names}

    async def _compare(self, key: Key, reason: wanted.Want) -> None:
        async with self._turn:
            site = (await load_sites(self._database, [key[0]])).get(key[0])
            if site is None:
                return
            whole: bool | None
            try:
                found = await self._compared(site, key[1], reason)
                whole = found.whole
            except (PlainError, DevToolsError, SnapshotStoreError) as error:
                log.info("not_compared", host=site.host, path=key[1], reason=first_line(error))
                found, whole = failed(site.page_url(key[1]), first_line(error)), None
            await comparisons.record(self._database, *key, whole, msgspec.json.encode(found))

    async def _compared(self, site: Site, path: str, reason: wanted.Want) -> Comparison:
        failure = await self._freshen(site.id, path, reason)
        newest = await self._newest(site.id, path)
        if failure or newest is None:
            told = FAILURES.get(failure, failure) if failure else "there is no snapshot."
            return failed(site.page_url(path), f"No page could be rendered: {told}")
        if newest.withheld:
            return failed(site.page_url(path), "The site calls the page private, so nothing of it is kept.")
        html = b"" if newest.location else await self._snapshots.content(newest)
        if html is None:
            raise PlainError("the snapshot is kept no longer")
        browser = await self._renderer.supervisor.browser()
        return await compared(browser, request_for(site, path), html, newest.location)

    async def _freshen(self, domain_id: DomainId, path: str, reason: wanted.Want) -> str:
        """Have a page rendered anew where its snapshot is old; answers why that failed, or nothing."""
        newest = await self._newest(domain_id, path)
        if newest is not None and newest.taken_at > (now() - FRESH).timestamp():
            return ""
        await wanted.want(self._database, domain_id, [path], reason)
        self._wake()
        end = time.monotonic() + _RENDER_SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            state = (await wanted.states(self._database, [(domain_id, path)])).get((domain_id, path))
            if state is None or not state.pending:
                await asyncio.sleep(_SETTLED_SECONDS)
                return state.failure if state is not None else ""
        raise PlainError("no worker had time to render it")

    async def _newest(self, domain_id: DomainId, path: str) -> Snapshot | None:
        return next(iter(await self._snapshots.history(domain_id, path)), None)
