"""An order of imports is carried out, whoever holds the stores: a command, or a running server for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from crawlight.database.engine import Database
from crawlight.errors import UserError
from crawlight.ingest.files import is_url
from crawlight.ingest.importing import Imported, Importer, Progress
from crawlight.ingest.objects import Objects, note_object
from crawlight.ingest.order import FORGET, Order
from crawlight.ingest.staged import Target
from crawlight.ingest.targets import keep_format, saved_format, target_of

Load = Callable[[], Awaitable[object]]


def _unwatched(_name: str) -> Progress:
    return lambda _read, _size: None


class Listener(NamedTuple):
    """Who is told how the work goes on."""

    done: Callable[[Imported], None]
    """Called when a file's crawls are in the numbers."""
    failed: Callable[[str, UserError], None]
    """Called with a file that cannot be imported, and the next one follows."""
    said: Callable[[str], None]
    """Called with what else is to be told."""
    progress: Callable[[str], Progress] = _unwatched
    """Called with the name of a file, and gives what is called as it is read."""


async def carry_out(
    order: Order, months: int, database: Database, importer: Importer, load: Load, listener: Listener
) -> None:
    """Import files one after the other, and load each. Numbers are kept for ``months``.

    Where it is cancelled, what was read until then is loaded before. Raises UserError where there is no such domain.
    """
    target = await target_of(database, order, months)
    said = "" if order.said == FORGET else order.said
    saved = "" if order.said else await saved_format(database, target)
    options = (order.log_format, order.keys, order.anyway, said, saved)
    keep = partial(keep_format, database, order, target)
    one = partial(_import_one, importer, load, keep, options, target, listener)
    for file in order.files:
        if is_url(file):
            await _import_objects(database, file, target, one, listener, dry_run=order.dry_run)
        else:
            await one(file, order.names.get(file, file))


async def _import_one(
    importer: Importer,
    load: Load,
    keep: Load,
    options: tuple[str, Mapping[str, str], bool, str, str],
    target: Target,
    listener: Listener,
    file: str,
    name: str,
) -> bool:
    """Import a file that is told as ``name``, and load it. Answers whether all of it was read."""
    failures: list[UserError] = []

    def fail(told: str, error: UserError) -> None:
        failures.append(error)
        listener.failed(told, error)

    log_format, keys, anyway, said, saved = options
    try:
        imported = await importer.import_file(
            file, target, log_format, keys, listener.progress(name), fail, anyway, said, saved, name=name
        )
    except UserError as error:
        fail(name, error)
        return False
    except asyncio.CancelledError:
        await load()
        raise
    await load()
    await keep()
    for part in imported:
        listener.done(part)
    return not failures


async def _import_objects(
    database: Database,
    url: str,
    target: Target,
    one: Callable[[str, str], Awaitable[bool]],
    listener: Listener,
    *,
    dry_run: bool,
) -> None:
    """Import the objects under a prefix that are new, one after the other."""
    try:
        objects = Objects(url)
        new = await objects.new(database, target)
        if not new:
            listener.said(f"{url}: nothing new")
        for found in new:
            async with objects.fetched(found) as file:
                whole = await one(str(file), found.url)
            if whole and not dry_run:
                await note_object(database, target, found)
    except UserError as error:
        listener.failed(url, error)
