"""What pages say of themselves, and when their main text changed: kept for files that are made of pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page, PageText, Snapshot
from crawlight.ids import DomainId

MOST_LOOKED_AT: Final = 500
"""Pages that are looked at in one go."""


class Due(msgspec.Struct, frozen=True):
    """A page whose newest snapshot was not looked at yet.

    ``known`` is the hash of its text before: None where it is new, empty where it could not be read.
    """

    digest: bytes
    path: str
    taken_at: datetime
    content_hash: bytes
    known: bytes | None
    changed_at: datetime | None


class Looked(msgspec.Struct, frozen=True):
    """What was found of a page."""

    text_hash: bytes
    title: str
    description: str


async def due(database: Database, domain_id: DomainId, most: int = MOST_LOOKED_AT) -> Sequence[Due]:
    """Pages to look at, the first ones."""
    newest = aliased(Snapshot)
    latest = select(func.max(newest.id)).where(newest.domain_id == domain_id).group_by(newest.digest)
    same = (PageText.domain_id == Snapshot.domain_id) & (PageText.digest == Snapshot.digest)
    query = (
        select(
            Snapshot.digest,
            Page.path,
            Snapshot.taken_at,
            Snapshot.content_hash,
            PageText.text_hash,
            PageText.changed_at,
        )
        .join(Page, (Page.domain_id == Snapshot.domain_id) & (Page.digest == Snapshot.digest))
        .outerjoin(PageText, same)
        .where(Snapshot.id.in_(latest), Snapshot.status == 200, Snapshot.location.is_(None))
        .where(PageText.content_hash.is_(None) | (PageText.content_hash != Snapshot.content_hash))
        .order_by(Snapshot.id)
        .limit(most)
    )
    async with database.read() as session:
        return [Due(*row) for row in await session.execute(query)]


async def note(database: Database, domain_id: DomainId, page: Due, found: Looked) -> None:
    """Note what was found of a page, and that its text changed where it was another one before.

    Nothing is noted of a page that was removed meanwhile.
    """
    changed = bool(page.known) and page.known != found.text_hash
    values = {
        "content_hash": page.content_hash,
        "changed_at": page.taken_at if changed else page.changed_at,
        **msgspec.structs.asdict(found),
    }
    async with database.write() as session:
        if await session.get(Page, (domain_id, page.digest), with_for_update=True) is None:
            return
        new = insert_into(session, PageText).values(domain_id=domain_id, digest=page.digest, **values)
        await session.execute(new.on_conflict_do_update(index_elements=["domain_id", "digest"], set_=values))
