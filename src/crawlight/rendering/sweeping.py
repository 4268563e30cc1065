"""What goes of the snapshot store: objects that no row names any more."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from crawlight.database.engine import Database
from crawlight.database.tables import Snapshot as Row
from crawlight.kit.clock import now
from crawlight.rendering.bodies import Bodies, hash_of

_AFTER: Final = timedelta(days=1)
"""Objects that no row names are removed once they are that old: a row may be on its way."""

_AT_ONCE: Final = 500


async def sweep(database: Database, bodies: Bodies) -> int:
    """Remove HTML, and what stands beside it, that no snapshot names; answers how many objects.

    Raises SnapshotStoreError.
    """
    removed, before = 0, now() - _AFTER
    async for some in bodies.names():
        old = {name: digest for name, at in some if at < before and (digest := hash_of(name))}
        gone = await _unnamed(database, old)
        if gone:
            await bodies.remove(gone)
            removed += len(gone)
    return removed


async def _unnamed(database: Database, objects: Mapping[str, bytes]) -> list[str]:
    digests = list(set(objects.values()))
    named: set[bytes] = set()
    for start in range(0, len(digests), _AT_ONCE):
        some = digests[start : start + _AT_ONCE]
        query = select(Row.content_hash, Row.raw_hash).where(
            or_(Row.content_hash.in_(some), Row.raw_hash.in_(some))
        )
        async with database.read() as session:
            for pair in await session.execute(query):
                named.update(pair)
    return [name for name, digest in objects.items() if digest not in named]
