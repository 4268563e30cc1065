"""Settings become open stores: all that a command needs which only counts. `services` builds the rest on them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.errors import UserError
from crawlight.events.store import EventsStore, StoreBusyError, StoreError
from crawlight.kit.logs import first_line
from crawlight.runtime.upgrading import Upgrade
from crawlight.settings import Settings

_BUSY_SECONDS = 10.0


@dataclass(frozen=True)
class Stores:
    """The relational store, the events store and the spool of a data directory."""

    database: Database
    events: EventsStore
    spool: Spool


@asynccontextmanager
async def open_stores(settings: Settings, *, wait: bool = True) -> AsyncIterator[Stores]:
    """Open the stores and bring their schemas up to date. Raises UserError where one cannot be opened, or refuses.

    Without ``wait`` the events store is still being opened (`EventsStore`).
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot use {settings.data_dir} as data directory: {error.strerror}") from None
    async with AsyncExitStack() as opened:
        connecting = asyncio.create_task(Database.open(settings.database_url))
        upgrade = Upgrade(settings.database_url, connecting)
        opening = asyncio.create_task(_open_events(settings.events_url, wait, upgrade))
        opened.push_async_callback(_close_events, opening)
        database = await connecting
        opened.push_async_callback(database.close)
        events = await opening
        try:
            yield Stores(database, events, open_spool(settings))
        except StoreError as error:
            raise UserError(f"the events store refused: {first_line(error)}") from error


def open_spool(settings: Settings) -> Spool:
    """The spool of a data directory. Raises UserError where it cannot be made."""
    try:
        return Spool(settings.data_dir / "spool")
    except OSError as error:
        raise UserError(f"cannot use {settings.data_dir} as data directory: {error.strerror}") from None


async def _open_events(url: str, wait: bool, upgrade: Upgrade) -> EventsStore:
    """Open the events store; another command may need a moment to be done with it."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return await asyncio.to_thread(lambda: EventsStore(url, wait=wait, upgrading=upgrade))
        except StoreBusyError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def _close_events(opening: asyncio.Task[EventsStore]) -> None:
    """Close the store also where something else failed while it was being opened."""
    with suppress(UserError):
        await asyncio.to_thread((await opening).close)
