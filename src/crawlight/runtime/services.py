"""All roles in one process: settings become open stores and what works on them; opens and closes everything."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

import msgspec

from crawlight.accounts.people import find_account, plans_in_use
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.scope import scope_of
from crawlight.analytics.export import Exporter, export_of
from crawlight.analytics.rehearsal import recorded_crawls
from crawlight.backup.moment import take
from crawlight.bots.lists import FOLDER
from crawlight.bots.refresh import refresh
from crawlight.control import ControlServer, Operation
from crawlight.domains.proof import Outside
from crawlight.domains.registry import find_domain
from crawlight.errors import UserError
from crawlight.events.store import EventsStore, StoreError
from crawlight.kit import clock
from crawlight.kit.logs import first_line
from crawlight.kit.periods import window
from crawlight.rendering.renderer import Renderer
from crawlight.runtime.core import Core, core_over
from crawlight.runtime.edge import EdgeServices
from crawlight.runtime.front import watch
from crawlight.runtime.jobs import Job, Jobs
from crawlight.runtime.loader import LoaderServices
from crawlight.runtime.pages import Pages
from crawlight.runtime.renderer import RendererServices, open_renderer
from crawlight.runtime.stores import open_stores
from crawlight.settings import Settings

if TYPE_CHECKING:
    from crawlight.report.reporter import Reporter


class Services:
    """Everything that is open while a server or a command works on a data directory: all roles in one process."""

    def __init__(self, core: Core, store: EventsStore, tries: RateLimiter, renderer: Renderer) -> None:
        self.settings, self.database, self.spool = core.settings, core.database, core.spool
        self.limiter, self.tries = core.limiter, tries
        self.recorder, self.identity = core.recorder, core.identity
        self.store, self.renderer = store, renderer
        self.pages = Pages(core)
        self.edge = EdgeServices(core, self.pages)
        self.rendering = RendererServices(core, self.pages, renderer)
        self.loading = LoaderServices(core, store, self.rendering.robots)
        self.worker, self.comparer = self.rendering.worker, self.rendering.comparer
        self.loader = self.loading.loader
        self.exporter = Exporter(store, core.database)
        self.closing = asyncio.Event()
        """Set when the server ends, so that answers that last let it."""

    @cached_property
    def reporter(self) -> "Reporter":
        """Makes reports; loaded when the first is asked for."""
        from crawlight.report.printing import Printer
        from crawlight.report.reporter import Reporter

        return Reporter(self.exporter, Printer(self.settings.browser_url, self.settings.browser_path))

    async def close(self) -> None:
        """End what goes on in the background, and would ask stores that are closed next."""
        await self.comparer.close()
        await self.rendering.robots.close()
        await self.pages.close()

    def jobs(self) -> list[Job]:
        """All work that is done again and again."""
        found = [*self.loading.jobs(), *self.rendering.jobs()]
        if self.settings.front:
            found.append(watch(self.settings, self.database, self.edge.directory, Outside()))
        if self.settings.bots_refresh:
            found.append(Job("address-lists", 86_400, "edge", False, self.refresh_lists, at_start=True))
        return found

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

    async def crawls(self, host: str, period: str) -> bytes:
        """How often which agent crawled which page of a domain, as JSON. Raises UserError for an unknown one."""
        domain = await find_domain(self.database, host)
        days = window(period, clock.now())
        return msgspec.json.encode(await self.store.run(recorded_crawls, self.store, domain.id, days))

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

    async def refresh_lists(self) -> None:
        """Fetch the newer address lists."""
        await refresh(self.identity.ranges, self.settings.data_dir / FOLDER)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the stores and bring their schemas up to date. Raises UserError where one cannot be opened."""
    async with AsyncExitStack() as opened:
        tries = RateLimiter(settings.limits_url, "tries")
        opened.push_async_callback(tries.close)
        renderer = open_renderer(settings)
        opened.push_async_callback(renderer.close)
        stores = await opened.enter_async_context(open_stores(settings))
        if missing := await plans_in_use(stores.database) - set(settings.plans):
            raise UserError(f"accounts are on plans that the settings lack: {', '.join(sorted(missing))}")
        core = await opened.enter_async_context(core_over(settings, stores.database, stores.spool))
        services = Services(core, stores.events, tries, renderer)
        opened.push_async_callback(services.close)
        yield services


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Load what the spool receives and answer commands, for as long as the block runs.

    Raises UserError where a server runs on this data directory already.
    """
    operations: dict[str, Operation] = {
        "export": services.export,
        "report": services.report,
        "crawls": services.crawls,
        "load": services.loading.load,
        "import": services.loading.take_logs,
        "undo": services.loading.undo,
        "forget": services.loading.forget,
        "freeze": services.freeze,
        "ready": services.ready,
    }
    control = ControlServer(services.settings.data_dir, operations)
    await control.start()
    await services.loading.settle()
    with suppress(Exception):  # The loader tries it again. Nobody is to see the numbers of half an import.
        await services.loader.finish_undos()
    work = [
        services.loader.run(),
        services.rendering.robots.run(),
        services.edge.directory.run(),
        services.worker.run(),
        services.rendering.revalidator.run(),
        Jobs(services.database, services.jobs()).run(),
    ]
    with suppress(Exception):  # It is looked at again at once, and fails open until then.
        await services.edge.directory.look()
    services.pages.listen()
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await control.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
