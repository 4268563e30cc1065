"""The latest comparison of each page with what people see of it, and which pages are to be compared next."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import func, select

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Domain, Page, PageComparison
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.kit.clock import now

EVERY: Final = timedelta(days=7)
SAMPLE: Final = 20
"""Pages of a domain that are compared in that time."""

_KEY: Final = (PageComparison.domain_id, PageComparison.digest)
_SAME_PAGE: Final = (PageComparison.domain_id == Page.domain_id) & (PageComparison.digest == Page.digest)
_THERE: Final = (Page.first_seen_at.is_not(None), Page.gone_at.is_(None))


class StoredComparison(msgspec.Struct, frozen=True):
    """``whole`` is None where no comparison could be made; ``found`` is JSON."""

    compared_at: datetime
    whole: bool | None
    found: str


class Share(msgspec.Struct, frozen=True):
    """Of ``compared`` pages of a domain, those that are there, ``whole`` are whole."""

    whole: int
    compared: int


async def record(
    database: Database, domain_id: DomainId, path: str, whole: bool | None, found: bytes
) -> None:
    """Keep a comparison in the place of the page's last one; nothing happens for a page that nobody knows."""
    key = {"domain_id": domain_id, "digest": path_digest(path)}
    values = {"compared_at": now(), "whole": whole, "found": found.decode()}
    async with database.write() as session:
        if await session.get(Page, tuple(key.values())) is None:
            return
        insert = insert_into(session, PageComparison).values(**key, **values)
        await session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=values))


async def of_page(database: Database, domain_id: DomainId, path: str) -> StoredComparison | None:
    """The latest comparison of a page; none where there was none."""
    async with database.read() as session:
        row = await session.get(PageComparison, (domain_id, path_digest(path)))
    return None if row is None else StoredComparison(row.compared_at, row.whole, row.found)


async def shares(database: Database, domain_ids: Iterable[DomainId] | None = None) -> dict[DomainId, Share]:
    """How many pages are whole, by domain: of all, or of the given ones. Domains without comparisons are absent."""
    query = (
        select(PageComparison.domain_id, PageComparison.whole, func.count())
        .join(Page, _SAME_PAGE)
        .where(PageComparison.whole.is_not(None), *_THERE)
        .group_by(PageComparison.domain_id, PageComparison.whole)
    )
    if domain_ids is not None:
        query = query.where(PageComparison.domain_id.in_(list(domain_ids)))
    counts: dict[DomainId, dict[bool, int]] = {}
    async with database.read() as session:
        for domain_id, whole, count in await session.execute(query):
            counts.setdefault(domain_id, {})[bool(whole)] = count
    return {number: Share(by.get(True, 0), sum(by.values())) for number, by in counts.items()}


async def hosts(database: Database, domain_ids: Iterable[DomainId]) -> dict[DomainId, str]:
    """The names of domains."""
    async with database.read() as session:
        query = select(Domain.id, Domain.host).where(Domain.id.in_(list(domain_ids)))
        return {one.id: one.host for one in await session.execute(query)}


async def due(database: Database) -> tuple[DomainId, str] | None:
    """The page that is to be compared next: (domain id, path), of a domain whose sample of the week is not full.

    Of its rendered pages the one that was never compared, or longest ago; in no order that the pages have.
    """
    since = now() - EVERY
    recent = (
        select(PageComparison.domain_id)
        .where(PageComparison.compared_at > since)
        .group_by(PageComparison.domain_id)
        .having(func.count() >= SAMPLE)
    )
    query = (
        select(Page.domain_id, Page.path)
        .join(Domain, Domain.id == Page.domain_id)
        .outerjoin(PageComparison, _SAME_PAGE)
        .where(Domain.verified_at.is_not(None), Page.domain_id.not_in(recent), *_THERE)
        .where(Page.rendered_at.is_not(None), Page.wanted_at.is_(None), Page.failure.is_(None))
        .where(PageComparison.compared_at.is_(None) | (PageComparison.compared_at <= since))
        # A digest is as good as chance, and the same each time.
        .order_by(PageComparison.compared_at.is_not(None), PageComparison.compared_at, Page.digest)
        .limit(1)
    )
    async with database.read() as session:
        row = (await session.execute(query)).first()
    return (row[0], row[1]) if row is not None else None
