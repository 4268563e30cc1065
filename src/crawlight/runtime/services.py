"""The only composition: settings become open stores and what works on them; opens and closes everything."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import msgspec
import structlog

from crawlight.accounts.people import find_account, plans_in_use
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.scope import scope_of
from crawlight.analytics.export import Exporter, export_of
from crawlight.backup.moment import take
from crawlight.bots.identity import Identity
from crawlight.bots.lists import FOLDER, load_ranges
from crawlight.bots.refresh import keep_fresh
from crawlight.bots.reverse_dns import ReverseDns
from crawlight.control import ControlServer, Operation
from crawlight.crawls.recorder import Recorder
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains import late_content
from crawlight.domains.registry import remove_domain
from crawlight.errors import UserError
from crawlight.events.store import EventsStore, StoreError
from crawlight.ingest.handover import import_lock, settle
from crawlight.ingest.loader import Loader
from crawlight.ingest.upkeep import Retention, finish_forgetting, upkeep
from crawlight.kit import clock
from crawlight.kit.logs import first_line
from crawlight.rendering.auditing import Auditor
from crawlight.rendering.comparer import Comparer
from crawlight.rendering.origins import RobotsFiles
from crawlight.rendering.renderer import Renderer
from crawlight.rendering.warming import want_outdated, warm_due
from crawlight.rendering.worker import Worker
from crawlight.report.printing import Printer
from crawlight.report.reporter import Reporter
from crawlight.runtime.edge import EdgeServices
from crawlight.runtime.stores import open_stores
from crawlight.settings import Settings

log = structlog.get_logger(__name__)

_SETTLE_EVERY_SECONDS = 60.0
_UPKEEP_EVERY_SECONDS = 3600.0
_AUDITS_EVERY_SECONDS = 600.0
_SITEMAPS_EVERY_SECONDS = 60.0
_COMPARE_EVERY_SECONDS = 60.0
_SWEEP_EVERY_SECONDS = 86_400.0


@dataclass
class Services:
    """Everything that is open while a server or a command works on a data directory."""

    settings: Settings
    database: Database
    store: EventsStore
    spool: Spool
    limiter: RateLimiter
    tries: RateLimiter
    recorder: Recorder
    identity: Identity
    renderer: Renderer
    robots: RobotsFiles = field(init=False)
    loader: Loader = field(init=False)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server ends, so that answers that last let it."""
    tidying: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by what removes rows: an import that is being taken back needs all of its own."""
    exporter: Exporter = field(init=False)
    edge: EdgeServices = field(init=False)
    worker: Worker = field(init=False)
    comparer: Comparer = field(init=False)
    reporter: Reporter = field(init=False)

    def __post_init__(self) -> None:
        self.robots = RobotsFiles(self.database)
        self.loader = Loader(self.spool, self.store, self.database, self.identity, robots=self.robots)
        self.exporter = Exporter(self.store, self.database)
        self.edge = EdgeServices(self.settings, self.database, self.limiter, self.recorder, self.identity)
        self.worker = Worker(
            self.database,
            self.renderer,
            self.edge.prerenderer,
            self.recorder,
            on_stored=Auditor(self.database, self.robots),
            per_origin=self.settings.renders_per_origin,
        )
        self.edge.prerenderer.wake = self.worker.wake
        self.comparer = Comparer(self.database, self.renderer, self.edge.snapshots, self.worker.wake)
        printer = Printer(self.settings.browser_url, self.settings.browser_path)
        self.reporter = Reporter(self.exporter, self.store, self.database, printer)

    async def export(self, email: str, period: str) -> bytes:
        """The export document of the account with an e-mail address. Raises UserError for an unknown one."""
        return await export_of(self.exporter, self.database, email, period)

    async def report(self, email: str, period: str, host: str) -> bytes:
        """The report of an account as PDF, on one domain or (no host) all. Raises UserError for unknown ones."""
        account = await find_account(self.database, email)
        scope = await scope_of(self.database, account.id)
        domain = scope.find(host) if host else None
        if host and domain is None:
            raise UserError(f"{email} has no domain {host}")
        return await self.reporter.report(scope, period, clock.now(), domain)

    async def load(self) -> bytes:
        """Load what waits in the spool now; answer the number of records as text."""
        return str(await self.loader.load_published()).encode()

    async def undo(self, numbers: list[int]) -> bytes:
        """Take imports back; answer them as JSON. Raises UserError where one cannot be. Needs the import lock."""
        async with self.tidying:
            return msgspec.json.encode(await self.loader.undo(numbers))

    async def forget(self, host: str) -> bytes:
        """Remove everything of a domain; answer its name. Raises UserError where there is none.

        What the events store has of it goes by and by where the store is away.
        """
        name = await remove_domain(self.database, host)
        async with self.loader.paused():
            try:
                await finish_forgetting(self.database, self.store)
            except StoreError as error:
                log.warning("domain_not_yet_forgotten", reason=first_line(error))
        return name.encode()

    async def freeze(self) -> bytes:
        """Copy every embedded store as it is at this moment; answer a `Moment` as JSON, its folder is the caller's."""
        for left in self.settings.data_dir.glob("backup-*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        folder = self.settings.data_dir / f"backup-{secrets.token_hex(8)}"
        work = partial(take, folder, self.settings.database_url, self.store, self.spool)
        async with self.loader.paused():
            return msgspec.json.encode(await self.store.run(work))

    async def ready(self) -> bytes:
        """What keeps the events store and the loader from working, by name, as JSON; empty texts where nothing."""
        try:
            await self.store.run(self.store.ping)
            events = ""
        except StoreError as error:
            events = first_line(error)
        return msgspec.json.encode({"events": events, "spool": self.loader.state()})

    async def upkeep(self) -> None:
        """Remove what is kept no longer."""
        retention = Retention(self.settings.retention_days, self.settings.retention_months)
        async with self.tidying:
            await upkeep(self.database, self.store, retention)

    async def read_sitemaps(self) -> None:
        """Read all sitemaps that are due."""
        while await warm_due(self.database):
            pass

    async def audit_anew(self) -> None:
        """Have some of the pages rendered and audited anew that were audited by older rules."""
        await want_outdated(self.database)

    async def sweep(self) -> None:
        """Remove bodies of snapshots that are kept no longer, and what is not known of pages any more."""
        await self.edge.snapshots.sweep()
        await late_content.drop_old(self.database)

    async def settle(self) -> None:
        """Finish or undo what an import left behind, unless one is running."""
        with import_lock(self.spool, wait=False) as locked:
            if locked:
                await settle(self.spool, self.database)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the stores and bring their schemas up to date. Raises UserError where one cannot be opened."""
    async with AsyncExitStack() as opened:
        limiter = RateLimiter(settings.limits_url)
        opened.push_async_callback(limiter.close)
        tries = RateLimiter(settings.limits_url, "tries")
        opened.push_async_callback(tries.close)
        renderer = open_renderer(settings)
        opened.push_async_callback(renderer.close)
        stores = await opened.enter_async_context(open_stores(settings))
        database, spool = stores.database, stores.spool
        if missing := await plans_in_use(database) - set(settings.plans):
            raise UserError(f"accounts are on plans that the settings lack: {', '.join(sorted(missing))}")
        recorder = Recorder(spool)
        opened.push_async_callback(recorder.close)
        lists = load_ranges(settings.data_dir / FOLDER)
        identity = Identity(lists, ReverseDns(), trusted=settings.trusted_proxies)
        yield Services(settings, database, stores.events, spool, limiter, tries, recorder, identity, renderer)


def open_renderer(settings: Settings) -> Renderer:
    """The renderer; its browser is started by the first page."""
    return Renderer(
        browser_url=settings.browser_url,
        browser_path=settings.browser_path,
        concurrency=settings.render_concurrency,
        timeout=settings.render_timeout,
    )


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Load what the spool receives and answer commands, for as long as the block runs.

    Raises UserError where a server runs on this data directory already.
    """
    operations: dict[str, Operation] = {
        "export": services.export,
        "report": services.report,
        "load": services.load,
        "undo": services.undo,
        "forget": services.forget,
        "freeze": services.freeze,
        "ready": services.ready,
    }
    control = ControlServer(services.settings.data_dir, operations)
    await control.start()
    await services.settle()
    with suppress(Exception):  # The loader tries it again. Nobody is to see the numbers of half an import.
        await services.loader.finish_undos()
    work = [
        services.loader.run(),
        services.robots.run(),
        _every(_SETTLE_EVERY_SECONDS, services.settle),
        _every(_UPKEEP_EVERY_SECONDS, services.upkeep),
        _every(_SWEEP_EVERY_SECONDS, services.sweep),
        _every(_SITEMAPS_EVERY_SECONDS, services.read_sitemaps),
        _every(_AUDITS_EVERY_SECONDS, services.audit_anew),
        _every(_COMPARE_EVERY_SECONDS, services.comparer.sample),
        services.edge.directory.run(),
        services.worker.run(),
    ]
    with suppress(Exception):  # It is looked at again at once, and fails open until then.
        await services.edge.directory.look()
    if services.settings.bots_refresh:
        folder = services.settings.data_dir / FOLDER
        work.append(keep_fresh(services.identity.ranges, folder))
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await control.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await services.comparer.close()
        await services.edge.prerenderer.close()


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work again and again, for as long as the task lives; what fails is tried the next time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:
            log.warning("not_done", work=work.__name__, reason=first_line(error))
