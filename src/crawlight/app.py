"""The only composition: settings become services, services become an app; opens and closes everything."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import ASGIApp

from crawlight.accounts.people import find_account
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.scope import scope_of
from crawlight.analytics.export import Exporter
from crawlight.api import errors, export, health, openapi, purge
from crawlight.api.gate import Gate
from crawlight.api.metrics import Metrics
from crawlight.api.middleware import Requests
from crawlight.control import ControlServer
from crawlight.crawls.spool import Spool
from crawlight.dashboard import reference, site, start
from crawlight.database.engine import Database
from crawlight.events.store import EventsStore, StoreBusyError
from crawlight.ingest.handover import import_lock, settle
from crawlight.ingest.loader import Loader
from crawlight.kit import clock
from crawlight.settings import Settings

log = structlog.get_logger(__name__)

_SETTLE_EVERY_SECONDS = 60.0
_BUSY_SECONDS = 10.0


@dataclass
class Services:
    """Everything that is open while a server or a command works on a data directory."""

    settings: Settings
    database: Database
    store: EventsStore
    spool: Spool
    limiter: RateLimiter
    loader: Loader = field(init=False)
    exporter: Exporter = field(init=False)

    def __post_init__(self) -> None:
        self.loader = Loader(self.spool, self.store)
        self.exporter = Exporter(self.store, self.database)

    async def export(self, email: str, period: str) -> bytes:
        """The export document of the account with an e-mail address. Raises UserError for an unknown one."""
        account = await find_account(self.database, email)
        scope = await scope_of(self.database, account.id)
        return await self.exporter.export(scope, period, clock.now())

    async def load(self) -> bytes:
        """Load what waits in the spool now; answer the number of records as text."""
        return str(await self.store.run(self.loader.load_published)).encode()

    async def settle(self) -> None:
        """Finish or undo what an import left behind, unless one is running."""
        with import_lock(self.spool, wait=False) as locked:
            if locked:
                await settle(self.spool, self.database)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the stores and bring their schemas up to date. Raises UserError where one cannot be opened."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with AsyncExitStack() as opened:
        database = await Database.open(settings.database_url)
        opened.push_async_callback(database.close)
        limiter = RateLimiter(settings.limits_url)
        opened.push_async_callback(limiter.close)
        store = await _open_store(settings.events_url)
        opened.push_async_callback(asyncio.to_thread, store.close)
        yield Services(settings, database, store, open_spool(settings), limiter)


async def _open_store(url: str) -> EventsStore:
    """Open the events store; another command may need a moment to be done with it."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return await asyncio.to_thread(EventsStore, url)
        except StoreBusyError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


def open_spool(settings: Settings) -> Spool:
    """The spool of a data directory."""
    return Spool(settings.data_dir / "spool")


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Load what the spool receives and answer commands, for as long as the block runs.

    Raises UserError where a server runs on this data directory already.
    """
    control = ControlServer(services.settings.data_dir, {"export": services.export, "load": services.load})
    await control.start()
    await services.settle()
    tasks = [asyncio.create_task(services.loader.run()), asyncio.create_task(_settle_for_ever(services))]
    try:
        yield
    finally:
        await control.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def create_app(services: Services) -> ASGIApp:
    """The whole HTTP surface over open services."""
    metrics = Metrics()
    _watch(metrics, services)
    metrics.gauge(
        "crawlight_rate_limit_failures", "Calls let in uncounted: no limits store.", lambda: services.limiter.failures
    )
    gate = Gate(services.database, services.settings.plans, services.limiter)
    app = FastAPI(title="Crawlight", docs_url=None, redoc_url=None, redirect_slashes=False)
    errors.install(app)
    openapi.install(app)
    app.include_router(export.router(gate, services.database, services.exporter))
    app.include_router(purge.router(gate, services.database))
    app.include_router(health.router(_checks(services), metrics))
    app.include_router(start.router(services.settings.public_url))
    app.include_router(reference.router(openapi.description))
    app.include_router(site.static_files())
    return Requests(app, metrics)


def _watch(metrics: Metrics, services: Services) -> None:
    metrics.gauge(
        "crawlight_spool_segments",
        "Segments that wait for the events store.",
        lambda: len(services.spool.published()),
    )
    metrics.gauge(
        "crawlight_spool_segments_set_aside",
        "Segments that could not be loaded and wait for a person.",
        lambda: len(services.spool.set_aside()),
    )


def _checks(services: Services) -> dict[str, health.Check]:
    async def database() -> str:
        async with services.database.read() as session:
            await session.execute(text("SELECT 1"))
        return ""

    async def events() -> str:
        await services.store.run(services.store.ping)
        return ""

    async def spool() -> str:
        return services.loader.state()

    return {"database": database, "events": events, "spool": spool}


async def _settle_for_ever(services: Services) -> None:
    while True:
        await asyncio.sleep(_SETTLE_EVERY_SECONDS)
        with suppress(OSError):
            await services.settle()
