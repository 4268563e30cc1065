"""What every process of a server opens, whatever it is there for."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from crawlight.accounts.rate import RateLimiter
from crawlight.bots.identity import Identity
from crawlight.crawls.recorder import Recorder
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.runtime.identity import identity_of
from crawlight.settings import Settings


@dataclass(frozen=True)
class Core:
    """The database, the limits of calls, where crawls are recorded, and who judges them."""

    settings: Settings
    database: Database
    spool: Spool
    limiter: RateLimiter
    recorder: Recorder
    identity: Identity


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """A process's own, on a database that it opens."""
    async with AsyncExitStack() as opened:
        database = await Database.open(settings.database_url)
        opened.push_async_callback(database.close)
        yield await opened.enter_async_context(
            core_over(settings, database, Spool(settings.data_dir / "spool"))
        )


@asynccontextmanager
async def core_over(settings: Settings, database: Database, spool: Spool) -> AsyncIterator[Core]:
    """The same on a database that is open."""
    async with AsyncExitStack() as opened:
        limiter = RateLimiter(settings.limits_url)
        opened.push_async_callback(limiter.close)
        recorder = Recorder(spool)
        opened.push_async_callback(recorder.close)
        yield Core(settings, database, spool, limiter, recorder, identity_of(settings))
