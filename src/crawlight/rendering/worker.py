"""The worker: takes wanted pages in hand, renders and stores them, and tells those who wait."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crawlight.crawls.crawl import MOST_MEASURED, of_renderer, whole_milliseconds
from crawlight.crawls.recorder import Recorder
from crawlight.database.engine import Database
from crawlight.domains import pages, wanted
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line
from crawlight.rendering.backoff import OriginBackoff
from crawlight.rendering.circles import Circles
from crawlight.rendering.contract import Rendered, RenderError, request_for
from crawlight.rendering.later import LaterSnapshot
from crawlight.rendering.learning import Learning, Plan
from crawlight.rendering.memory import Stored
from crawlight.rendering.new_snapshot import GONE, new_snapshot
from crawlight.rendering.noting import Noting
from crawlight.rendering.privacy import is_private
from crawlight.rendering.renderer import Renderer
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import NewSnapshot, ephemeral

log = structlog.get_logger(__name__)

OnStored = Callable[[Site, Stored, Rendered], Awaitable[None]]
"""What is done with each page that was stored, such as its audit."""

PER_ORIGIN: Final = 4
"""Renders of one domain at a time."""

_LOOK_EVERY_SECONDS: Final = 0.25
_DUE_EVERY_SECONDS: Final = 1.0
"""Leases end and failed pages become due without anybody writing that down."""
_LOOK_ANYWAY_SECONDS: Final = 30.0
_AFTER_ERROR_SECONDS: Final = 2.0


class Worker:
    """Renders what is wanted, as many pages at a time as the renderer does. Any number of them may run.

    ``results`` counts renders by what came of them: ``stored``, ``private`` or the reason why nothing came.
    """

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        prerenderer: Prerenderer,
        recorder: Recorder,
        *,
        on_stored: OnStored | None = None,
        per_origin: int = PER_ORIGIN,
    ) -> None:
        self.results: Counter[str] = Counter()
        self._database = database
        self._renderer = renderer
        self._prerenderer = prerenderer
        self._recorder = recorder
        self._on_stored = on_stored
        self._per_origin = per_origin
        self._backoff = OriginBackoff(database)
        self._circles = Circles(database, prerenderer.snapshots)
        self._learning = Learning(database)
        self._noting = Noting(database)
        self._running: Counter[DomainId] = Counter()
        self._awaited = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._due_at = 0.0
        self._still = database.stillness(_LOOK_ANYWAY_SECONDS)

    def wake(self) -> None:
        """Look for wanted pages now."""
        self._awake.set()

    async def run(self) -> None:
        """Work until it is cancelled; what is in hand then is given back."""
        pause = 0.0
        try:
            while True:
                woken = await self._woken_within(pause)
                if woken or time.monotonic() >= self._due_at or not self._still():
                    pause = await self._take_all()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._noting.close()

    async def _woken_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        woken = self._awake.is_set()
        self._awake.clear()
        return woken

    async def _take_all(self) -> float:
        """Begin to render all for which there is room; answers in how many seconds to look again."""
        try:
            while await self._take_one():
                pass
            owed = await wanted.any_owed(self._database)
            self._due_at = time.monotonic() + (_DUE_EVERY_SECONDS if owed else _LOOK_ANYWAY_SECONDS)
        except Exception as error:
            log.warning("worker_paused", reason=first_line(error))
            self._due_at = 0.0
            return _AFTER_ERROR_SECONDS
        return _LOOK_EVERY_SECONDS

    async def _take_one(self) -> bool:
        """Begin to render the most urgent page; answers whether there was one, and room for it."""
        running, most = self._running.total(), self._renderer.slots.most
        if running >= most:
            return False
        busy = [domain_id for domain_id, count in self._running.items() if count >= self._per_origin]
        if not await wanted.claimable(self._database, busy, self._per_origin):
            return False
        # The last place is kept free for what somebody waits for, and half of them while crawlers do.
        least: Literal["miss", "purge", "warm"] = "purge" if most > 1 and running == most - 1 else "warm"
        if self._prerenderer.waiting > self._awaited and running - self._awaited >= max(most // 2, 1):
            least = "miss"
        most_of_one = self._per_origin
        claims = await wanted.claim(self._database, 1, busy=busy, per_origin=most_of_one, least=least)
        for claimed in claims:
            self._running[claimed.domain_id] += 1
            task = asyncio.create_task(self._work(claimed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return bool(claims)

    async def render_at_once(self, domain_id: DomainId, path: str) -> None:
        """Render a page that a crawler waits for and that cannot be noted as wanted, where there is room for it."""
        if self._running.total() >= self._renderer.slots.most:
            self._prerenderer.finished((domain_id, path), "unavailable")
            return
        self._running[domain_id] += 1
        await self._work(
            wanted.Claim(
                domain_id=domain_id, path=path, reason="miss", wanted_at=now(), lease="", attempts=0, times=1
            )
        )

    async def _work(self, claimed: wanted.Claim) -> None:
        self._awaited += claimed.reason == "miss"
        try:
            await self._process(claimed)
        except asyncio.CancelledError:
            with suppress(Exception):
                await wanted.give_back(self._database, claimed)
            raise
        except Exception:
            log.exception("render_broke", path=claimed.path)
            await self._broke(claimed)
        finally:
            self._awaited -= claimed.reason == "miss"
            self._running[claimed.domain_id] -= 1
            self._running += Counter()  # drops the zeros
            self.wake()

    async def _broke(self, claimed: wanted.Claim) -> None:
        """A fault of ours: the page is tried again as after any other failure, ever later."""
        self.results["internal_error"] += 1
        self._prerenderer.finished((claimed.domain_id, claimed.path), "internal_error")
        with suppress(Exception):  # where there is no database, the lease ends by itself
            await wanted.failed(self._database, claimed, "internal_error")

    async def _process(self, claimed: wanted.Claim) -> None:
        key = (claimed.domain_id, claimed.path)
        site = (await load_sites(self._database, [claimed.domain_id])).get(claimed.domain_id)
        if site is None:
            self._prerenderer.finished(key, "no_domain")
            await wanted.done(self._database, claimed)
            return
        began = now()
        plan = await self._learning.plan(claimed)
        again = LaterSnapshot(self._prerenderer.snapshots, site, claimed.path, new_snapshot)

        async def later(rendered: Rendered) -> None:
            with suppress(RenderError, SQLAlchemyError):
                await again.take(await self._circles.avoid(site, claimed.path, rendered), self._note)
            await self._learn(claimed, plan, rendered)

        try:
            rendered = await self._renderer.render(
                request_for(
                    site,
                    claimed.path,
                    priority=wanted.PRIORITY[claimed.reason],
                    wait=plan.wait,
                    look=plan.look,
                ),
                hurry=self._is_hurried,
                later=later if plan.later else None,
            )
            rendered = await self._circles.avoid(site, claimed.path, rendered)
            new = new_snapshot(site, claimed.path, rendered)
        except RenderError as error:
            again.first(None)
            log.info("render_failed", host=site.host, path=claimed.path, reason=error.reason, text=str(error))
            self.results[error.reason] += 1
            self._prerenderer.finished(key, error.reason)
            pause = await self._backoff.note(site.id, error.status, error.retry_after)
            await wanted.failed(self._database, claimed, error.reason, pause)
            self._prerenderer.tell()
            return
        again.first(await self._keep(site, claimed, rendered, new))
        with suppress(SQLAlchemyError):  # It is over by itself, where that cannot be noted.
            await self._backoff.forget(site.id, began)
        await self._learn(claimed, plan, rendered)

    async def _learn(self, claimed: wanted.Claim, plan: Plan, rendered: Rendered) -> None:
        with suppress(SQLAlchemyError):  # A page that cannot be learned from is a page all the same.
            await self._learning.note(claimed, plan, rendered)

    async def _keep(
        self, site: Site, claimed: wanted.Claim, rendered: Rendered, new: NewSnapshot
    ) -> Stored | None:
        key = (site.id, claimed.path)
        snapshots = self._prerenderer.snapshots
        private = site.settings.private_pages == "pass" and rendered.location is None
        private = private and is_private(rendered.headers)
        try:
            stored = await (snapshots.withhold(*key, new) if private else snapshots.put(*key, new))
        except Exception as error:
            # Who waits for it gets it nevertheless; it is rendered again when there is a store.
            self.results["not_stored"] += 1
            log.error("snapshot_not_stored", reason=first_line(error), host=site.host)
            self._prerenderer.finished(key, await asyncio.to_thread(ephemeral, *key, new))
            await self._record(site.id, claimed.path, new)
            # It may be the database that has no room; the lease ends by itself.
            with suppress(SQLAlchemyError):
                await wanted.failed(self._database, claimed, "not_stored")
            return None
        self.results["private" if private else "stored"] += 1
        self._prerenderer.finished(key, stored)
        await self._record(site.id, claimed.path, new)
        await self._note(site, stored, rendered)
        await wanted.done(self._database, claimed)
        self._prerenderer.tell()
        return None if private else stored

    def _is_hurried(self) -> bool:
        """Say whether crawlers wait for pages that could begin where one is only looked at for longer."""
        full = self._running.total() >= self._renderer.slots.most
        busy = full or any(count >= self._per_origin for count in self._running.values())
        return busy and self._prerenderer.waiting > self._awaited

    async def _note(self, site: Site, stored: Stored, rendered: Rendered) -> None:
        """The inventory and whatever else is done with a stored page; a fault there costs no render."""
        path = stored.snapshot.path
        try:
            if stored.snapshot.location is not None:
                await self._circles.mend(site, stored)
            if stored.snapshot.status in GONE:
                await pages.mark_gone(self._database, site.id, path)
            else:
                await pages.learn(self._database, site.id, [path])
            await self._noting.note(site, stored, rendered)
            if self._on_stored is not None:
                await self._on_stored(site, stored, rendered)
        except Exception:
            log.exception("page_not_noted", host=site.host, path=path)

    async def _record(self, domain_id: DomainId, path: str, new: NewSnapshot) -> None:
        record = of_renderer(
            "render",
            domain_id,
            path,
            new.status,
            size=min(len(new.html), MOST_MEASURED),
            milliseconds=whole_milliseconds(new.milliseconds / 1000),
            written="html" if new.html else "none",
        )
        await self._recorder.record_or_lose([record])
