"""Snapshots that left their page's history go, but for what some crawler got last of a page."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from crawlight.crawls.crawl import content_number
from crawlight.database.engine import Database
from crawlight.database.tables import Snapshot
from crawlight.kit.clock import now

_AFTER: Final = timedelta(days=1)
"""Those that left later stay: a crawl that got one may be on its way."""

_AT_ONCE: Final = 500
ASKED_AT_ONCE: Final = 4_000
"""Contents per question, of up to 20 digits each: ClickHouse takes values of 128 KiB (`http_max_field_value_size`)."""

Fetched = Callable[[Collection[int]], Awaitable[Collection[int]]]
"""Of contents (`crawls.crawl.content_number`) those that are what some crawler got last of a page."""


async def drop_retired(database: Database, fetched: Fetched) -> None:
    """Remove the rows of retired snapshots that no crawler got last. Raises whatever ``fetched`` raises.

    What they name in the snapshot store goes when that is swept (`rendering.sweeping`).
    """
    retired = select(Snapshot.id, Snapshot.content_hash).where(Snapshot.retired_at < now() - _AFTER)
    last = 0
    while True:
        async with database.read() as session:
            some = retired.where(Snapshot.id > last).order_by(Snapshot.id).limit(ASKED_AT_ONCE)
            contents = {number: content_number(digest) for number, digest in await session.execute(some)}
        if not contents:
            return
        named, last = set(await fetched(set(contents.values()))), max(contents)
        await _drop(database, [number for number, content in contents.items() if content not in named])


async def _drop(database: Database, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        async with database.write() as session:
            await session.execute(delete(Snapshot).where(Snapshot.id.in_(some)))
