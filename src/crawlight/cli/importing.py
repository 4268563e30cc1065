"""What an import does, whether a server runs on the data directory or not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec
import typer

from crawlight.bots.matcher import classify
from crawlight.control import ask
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest import undoing
from crawlight.ingest.carrying_out import Listener, Load, carry_out
from crawlight.ingest.handover import import_lock, settle
from crawlight.ingest.importing import Importer
from crawlight.ingest.loader import Loader
from crawlight.ingest.order import Order
from crawlight.ingest.undoing import Listed
from crawlight.runtime.identity import identity_of
from crawlight.runtime.stores import open_spool, open_stores
from crawlight.settings import Settings


async def import_logs(settings: Settings, order: Order, listener: Listener) -> None:
    """Import files one after the other (`carry_out`), with the stores of this process or beside a running server."""
    # Loads the catalogue while the stores are opened; the threads that need it next would load it once each.
    catalogue = asyncio.create_task(asyncio.to_thread(classify, ""))
    async with _counter(settings) if order.dry_run else _importer(settings) as (database, importer, load):
        await catalogue
        await carry_out(order, settings.retention_months, database, importer, load, listener)


async def listed_imports(settings: Settings) -> list[Listed]:
    """Every import that can be taken back, the oldest first."""
    database = await Database.open(settings.database_url)
    try:
        return await undoing.listed(database)
    finally:
        await database.close()


async def undo_imports(settings: Settings, given: str) -> list[Listed]:
    """Take back the import of a number, or all of a file. Raises UserError, and changes nothing, where it cannot be."""
    with _turn(open_spool(settings)) as spool:
        if await ask(settings.data_dir, "load") is None:
            async with open_stores(settings) as stores:
                await settle(stores.spool, stores.database)
                judge = identity_of(settings, dns=False)
                loader = Loader(stores.spool, stores.events, stores.database, judge)
                return await loader.undo(await undoing.meant_by(stores.database, given))
        database = await Database.open(settings.database_url)
        try:
            await settle(spool, database)
            numbers = await undoing.meant_by(database, given)
        finally:
            await database.close()
        answer = await ask(settings.data_dir, "undo", numbers=numbers)
    if answer is None:
        raise UserError("the server ended meanwhile; say it again")
    return msgspec.json.decode(answer, type=list[Listed])


@asynccontextmanager
async def _counter(settings: Settings) -> AsyncIterator[tuple[Database, Importer, Load]]:
    """An importer that only counts: it has no spool to write to, and needs no lock."""
    database, parser = await Database.open(settings.database_url), EventsStore(MEMORY)

    async def load() -> None:
        """Nothing was written."""

    try:
        yield database, Importer(database, None, parser, identity_of(settings, dns=False)), load
    finally:
        parser.close()
        await database.close()


@asynccontextmanager
async def _importer(settings: Settings) -> AsyncIterator[tuple[Database, Importer, Load]]:
    """An importer that holds the import lock, and the way to have the spool loaded."""
    with _turn(open_spool(settings)):
        if await ask(settings.data_dir, "load") is None:
            async with _own_stores(settings) as opened:
                yield opened
            return
        async with _beside_a_server(settings) as opened:
            yield opened


@contextmanager
def _turn(spool: Spool) -> Iterator[Spool]:
    """Hold the right to import; says so where it has to wait for it."""
    with import_lock(spool, wait=False) as free:
        if not free:
            typer.echo("Another import is running on this data directory; waiting for its end ...", err=True)
    with import_lock(spool, wait=True):
        yield spool


@asynccontextmanager
async def _own_stores(settings: Settings) -> AsyncIterator[tuple[Database, Importer, Load]]:
    # A log is read while the events store is being opened.
    async with open_stores(settings, wait=False) as stores:
        await settle(stores.spool, stores.database)
        judge = identity_of(settings, dns=False)
        asks = identity_of(settings, lists=judge.ranges)
        loader = Loader(stores.spool, stores.events, stores.database, asks)
        await loader.finish_undos()
        # A process can hold one embedded engine only, so that one parses too; a remote one has no local files.
        embedded = settings.events_url.startswith("chdb:")
        parser = stores.events if embedded else EventsStore(MEMORY)
        try:
            importer = Importer(stores.database, stores.spool, parser, judge)
            yield stores.database, importer, loader.load_published
        finally:
            if not embedded:
                parser.close()


@asynccontextmanager
async def _beside_a_server(settings: Settings) -> AsyncIterator[tuple[Database, Importer, Load]]:
    database = await Database.open(settings.database_url)
    parser, spool = EventsStore(MEMORY), open_spool(settings)
    try:
        await settle(spool, database)
        importer = Importer(database, spool, parser, identity_of(settings, dns=False))
        yield database, importer, lambda: ask(settings.data_dir, "load")
    finally:
        parser.close()
        await database.close()
