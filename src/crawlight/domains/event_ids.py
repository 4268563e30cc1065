"""Ids of reported events: within 7 days, an id counts once in its domain, however often it is reported."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import blake2b
from itertools import islice
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import EventId
from crawlight.ids import DomainId
from crawlight.kit.clock import now

KEPT: Final = timedelta(days=7)

_CHUNK: Final = 5_000
"""Ids per transaction: short enough that others get their turn to write."""

Key = tuple[DomainId, bytes]
"""A domain's id and the digest of an event's id."""


def key_of(domain_id: DomainId, event_id: str) -> Key:
    """The key of an event's id."""
    return domain_id, blake2b(event_id.encode(), digest_size=16).digest()


async def claim(database: Database, owners: Mapping[Key, str]) -> set[Key]:
    """Note who has which id; answers those that somebody else had before.

    Claiming again for the same owner answers the same: what is read twice is not repeated.
    """
    claims, taken = iter(owners.items()), set[Key]()
    while chunk := dict(islice(claims, _CHUNK)):
        async with database.write() as session:
            noted = await _note(session, chunk)
            taken |= await _of_others(session, {key: chunk[key] for key in chunk if key not in noted})
    return taken


async def drop_expired(database: Database) -> None:
    """Forget ids that are older than is promised."""
    while True:
        async with database.write() as session:
            old = select(EventId.domain_id, EventId.digest).where(EventId.expires_at < now()).limit(_CHUNK)
            keys = (await session.execute(old)).all()
            await _delete(session, ((row[0], row[1]) for row in keys))
        if len(keys) < _CHUNK:
            return


async def _note(session: AsyncSession, chunk: Mapping[Key, str]) -> set[Key]:
    """Insert what is new or expired; answers what was."""
    moment = now()
    rows = [
        {"domain_id": key[0], "digest": key[1], "owner": owner, "expires_at": moment + KEPT}
        for key, owner in chunk.items()
    ]
    insert = insert_into(session, EventId)
    renewed = insert.on_conflict_do_update(
        index_elements=(EventId.domain_id, EventId.digest),
        set_={"owner": insert.excluded.owner, "expires_at": insert.excluded.expires_at},
        where=EventId.expires_at < moment,
    ).returning(EventId.domain_id, EventId.digest)
    return {(row[0], row[1]) for row in await session.execute(renewed, rows)}


async def _of_others(session: AsyncSession, owners: Mapping[Key, str]) -> set[Key]:
    """Those that are noted for another owner."""
    taken = set[Key]()
    for domain_id, digests in _by_domain(owners).items():
        query = select(EventId.digest, EventId.owner).where(
            EventId.domain_id == domain_id, EventId.digest.in_(digests)
        )
        for digest, owner in await session.execute(query):
            if owners[domain_id, digest] != owner:
                taken.add((domain_id, digest))
    return taken


async def _delete(session: AsyncSession, keys: Iterable[Key]) -> None:
    for domain_id, digests in _by_domain(keys).items():
        await session.execute(
            delete(EventId).where(EventId.domain_id == domain_id, EventId.digest.in_(digests))
        )


def _by_domain(keys: Iterable[Key]) -> dict[DomainId, list[bytes]]:
    found: dict[DomainId, list[bytes]] = {}
    for domain_id, digest in keys:
        found.setdefault(domain_id, []).append(digest)
    return found
