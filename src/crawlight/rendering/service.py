"""What a crawler gets of a page: from memory, else from the store, else a render that it waits for.

Renders are owed in the database (`domains.wanted`) and made by workers, here or in other processes: so there is
one per page however many ask, and wherever. Nothing here raises for what may fail on the way.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final, Literal

import msgspec
import structlog

from crawlight.database.engine import Database
from crawlight.domains import wanted
from crawlight.domains.settings import DomainSettings
from crawlight.domains.sites import Site
from crawlight.ids import DomainId
from crawlight.kit.logs import first_line
from crawlight.kit.origin import Origin
from crawlight.rendering.memory import Key, Stored
from crawlight.rendering.privacy import WITHHELD
from crawlight.rendering.snapshots import Snapshots

log = structlog.get_logger(__name__)

WAIT_SECONDS: Final = 12.0
NEGATIVE_SECONDS: Final = 20.0
"""How long a render that failed is not tried again for further crawlers."""

_MOST_NEGATIVE: Final = 20_000
_LOOK_EVERY_SECONDS: Final = 1.0
"""How often it is looked whether a page that crawlers wait for is done elsewhere, where nobody says so."""

_FORGOTTEN_AFTER_SECONDS: Final = 60.0
"""How long it is looked for what came of a page; a worker that takes longer stores it all the same."""

_MOST_REFRESHED: Final = 50_000
_REFRESH_EVERY_SECONDS: Final = 10.0

Result = Stored | str
"""What a wait ends with: a snapshot, or the reason why there is none."""


class Served(msgspec.Struct, frozen=True):
    """What there is for a crawler. ``stored`` is None where there is nothing in time; ``reason`` is a word.

    ``hit`` says that a snapshot was there, ``fresh_for`` for how many seconds it stays fresh (0: it is stale).
    """

    stored: Stored | None
    hit: bool
    reason: str
    fresh_for: int = 0


class _Wait(msgspec.Struct, frozen=True):
    """One or more crawlers that wait for a page, since a moment on the monotonic clock."""

    result: asyncio.Future[Result]
    since: float


class Prerenderer:
    """Serves pages of all domains in one process.

    ``wake`` tells the process's own worker, if it has one, that a page is wanted; ``tell`` has the other processes of
    the machine call `heard`; ``render_at_once`` has the own worker render a page for which the database has no room.
    """

    def __init__(
        self, database: Database, snapshots: Snapshots, *, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self.snapshots = snapshots
        self.wake: Callable[[], None] | None = None
        self.tell: Callable[[], None] = lambda: None
        self.render_at_once: Callable[[DomainId, str], Coroutine[None, None, None]] | None = None
        self._database = database
        self._wait_seconds = wait_seconds
        self._waiting: dict[Key, _Wait] = {}
        self._owed: set[Key] = set()
        self._negative: dict[Key, tuple[float, str]] = {}
        self._under: dict[DomainId, tuple[Origin | None, DomainSettings]] = {}
        self._refreshed: dict[Key, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Pages that crawlers wait for now."""
        return len(self._waiting)

    def at_once(self, site: Site, path: str, now: float) -> Served | None:
        """What memory holds of a page; None where it holds nothing. ``now`` is in Unix seconds."""
        stored = self.snapshots.peek(site.id, path)
        return self._hit(site, stored, now) if stored is not None and not stored.snapshot.withheld else None

    async def get(self, site: Site, path: str) -> Served:
        """The same with the store, and with a render where there is no snapshot; waits for it a limited time."""
        served = self.at_once(site, path, time.time())
        if served is not None:
            return served
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._wait_seconds):
                stored = await self.snapshots.get(site.id, path)
                if stored is not None and not stored.snapshot.withheld:
                    return self._hit(site, stored, time.time())
        except Exception as error:
            # The render may still come through, and is better than nothing.
            log.warning("snapshot_not_read", reason=first_line(error))
        return await self._rendered(site, path, self._wait_seconds - (time.monotonic() - began))

    def finished(self, key: Key, result: Result) -> None:
        """Tell those who wait for a page what came of it."""
        if isinstance(result, str):
            self._refuse_for_now(key, result)
        else:
            self._negative.pop(key, None)
        self._refreshed.pop(key, None)
        waiting = self._waiting.pop(key, None)
        self._owed.discard(key)
        if waiting is not None and not waiting.result.done():
            waiting.result.set_result(result)

    def forget(self) -> None:
        """Forget which renders have failed."""
        self._negative.clear()

    def heard(self) -> None:
        """Another process wants a page, or is done with one: look now."""
        self._heard.set()
        if self.wake is not None:
            self.wake()

    async def close(self) -> None:
        """Stop what goes on in the background."""
        tasks = [*self._tasks, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hit(self, site: Site, stored: Stored, now: float) -> Served:
        snapshot = stored.snapshot
        left = int(snapshot.fresh_since + site.freshness(snapshot.path) - now)
        if left > 0:
            return Served(stored, True, "revalidated" if snapshot.checked_at else "fresh", left)
        self._refresh((site.id, snapshot.path), now)
        return Served(stored, True, "stale")

    def _refresh(self, key: Key, now: float) -> None:
        """Have a stale page made fresh, without anybody waiting; each request says so once in a while."""
        if self._refreshed.get(key, 0) > now:
            return
        if len(self._refreshed) >= _MOST_REFRESHED:
            self._refreshed.clear()
        self._refreshed[key] = now + _REFRESH_EVERY_SECONDS
        self._begin(self._want(key, "stale"))

    async def _rendered(self, site: Site, path: str, seconds: float) -> Served:
        key = (site.id, path)
        self._look_at_settings(site)
        until, failure = self._negative.get(key, (0.0, ""))
        if until > time.monotonic():
            return Served(None, False, failure)
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = _Wait(asyncio.get_running_loop().create_future(), time.monotonic())
            self._waiting[key] = waiting
            self._begin(self._want(key, "miss"))
        try:
            async with asyncio.timeout(max(seconds, 0)):
                result = await asyncio.shield(waiting.result)
        except TimeoutError:
            return Served(None, False, "too_late")
        if isinstance(result, str):
            return Served(None, False, result)
        left = site.freshness(path) - (time.time() - result.snapshot.fresh_since)
        return Served(result, False, "rendered", max(int(left), 0))

    def _look_at_settings(self, site: Site) -> None:
        """What failed under other settings is tried again at once."""
        current = (site.origin, site.settings)
        if self._under.setdefault(site.id, current) != current:
            self._under[site.id] = current
            self._negative = {key: told for key, told in self._negative.items() if key[0] != site.id}

    async def _want(self, key: Key, reason: Literal["miss", "stale"]) -> None:
        try:
            await wanted.want(self._database, key[0], [key[1]], reason)
        except Exception as error:
            log.warning("render_not_wanted", reason=first_line(error))
            if reason == "miss":
                await self._render_unnoted(key)
            return
        if reason == "miss":
            self._owed.add(key)
        if self.wake is not None:
            self.wake()
        else:
            self.tell()
        if reason == "miss" and self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def _render_unnoted(self, key: Key) -> None:
        """Have a page rendered for those who wait, though nothing can be kept of it: the disk may be full."""
        if self.render_at_once is None:
            self.finished(key, "unavailable")
        else:
            await self.render_at_once(*key)

    async def _look(self) -> None:
        """See what other processes made of the pages that are waited for, as long as there are any."""
        try:
            while self._waiting:
                await self._told_or_time()
                try:
                    # What is not yet written down as wanted looks as if it were done.
                    await self._look_once([key for key in self._waiting if key in self._owed])
                except Exception as error:
                    log.warning("renders_not_looked_at", reason=first_line(error))
        finally:
            self._looking = None

    async def _told_or_time(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_SECONDS):
                await self._heard.wait()
        self._heard.clear()

    async def _look_once(self, keys: list[Key]) -> None:
        waits = {key: self._waiting[key] for key in keys}
        states = await wanted.states(self._database, keys)
        long_ago = time.monotonic() - _FORGOTTEN_AFTER_SECONDS
        for key in keys:
            state = states.get(key)
            if state is None or state.pending:
                if key in self._waiting and self._waiting[key].since < long_ago:
                    del self._waiting[key]
                    self._owed.discard(key)
                continue
            stored = None if state.failure else await self.snapshots.get(*key)
            if self._waiting.get(key) is not waits[key]:
                continue  # it is done meanwhile, and somebody waits for it anew
            if stored is None or not stored.snapshot.withheld:
                self.finished(key, stored or state.failure or "unavailable")
            elif self.wake is None:
                self.finished(key, WITHHELD)  # handed only to those that wait where it is rendered
            else:
                await self._want(key, "miss")  # that render was for others, and is over

    def _refuse_for_now(self, key: Key, reason: str) -> None:
        if len(self._negative) >= _MOST_NEGATIVE:
            self._negative.clear()
        self._negative[key] = (time.monotonic() + NEGATIVE_SECONDS, reason)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
