"""What an export needs where no server runs: the stores, what loads them and what counts, and nothing else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from crawlight.analytics.export import Exporter, export_of
from crawlight.ingest.loader import Loader
from crawlight.runtime.identity import identity_of
from crawlight.runtime.stores import open_stores
from crawlight.settings import Settings

Export = Callable[[str, str], Awaitable[bytes]]
"""Called with an account's address and a period."""


@asynccontextmanager
async def counting(settings: Settings) -> AsyncIterator[tuple[Loader, Export]]:
    """The loader and the export of a data directory. Raises UserError where a store cannot be opened."""
    async with open_stores(settings) as stores:
        identity = identity_of(settings)
        exporter = Exporter(stores.events, stores.database)
        yield (
            Loader(stores.spool, stores.events, stores.database, identity),
            lambda email, period: export_of(exporter, stores.database, email, period),
        )
