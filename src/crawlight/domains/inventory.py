"""The inventory of one domain's pages, as people look through it: searched, by bucket, sorted, in pieces."""

from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database
from crawlight.database.tables import Page, SeoCounts
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId

Bucket = Literal["", "good", "needs-work", "poor", "unknown", "gone"]
"""The buckets of the score, ``gone`` for pages that the site no longer has; empty for all known pages."""

Sort = Literal["score", "-score", "issues", "path", "new", "rendered", "-rendered"]
"""Worst first, best first, most issues first, by path, newest first, snapshots newest first, oldest first."""

BUCKETS: Final[tuple[Bucket, ...]] = get_args(Bucket)
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)

_KNOWN: Final = and_(Page.first_seen_at.is_not(None), Page.gone_at.is_(None))
_BUCKETS: Final[dict[Bucket, ColumnElement[bool]]] = {
    "": _KNOWN,
    "good": and_(_KNOWN, Page.seo_score >= 90),
    "needs-work": and_(_KNOWN, Page.seo_score.between(50, 89)),
    "poor": and_(_KNOWN, Page.seo_score < 50),
    "unknown": and_(_KNOWN, Page.seo_score.is_(None)),
    "gone": and_(Page.first_seen_at.is_not(None), Page.gone_at.is_not(None)),
}
_SORTS: Final[dict[Sort, tuple[Any, ...]]] = {
    "score": (Page.seo_score.asc().nulls_last(), Page.seo_issues_count.desc()),
    "-score": (Page.seo_score.desc().nulls_last(), Page.seo_issues_count),
    "issues": (Page.seo_issues_count.desc(),),
    "path": (),
    "new": (Page.first_seen_at.desc(),),
    "rendered": (Page.rendered_at.desc().nulls_last(),),
    "-rendered": (Page.rendered_at.asc().nulls_last(),),
}


class Wanted(msgspec.Struct, frozen=True):
    """Which pages are wanted: ``search`` is a part of the path, in any case."""

    search: str = ""
    bucket: Bucket = ""
    sort: Sort = "score"


class KnownPage(msgspec.Struct, frozen=True):
    """One page. ``status`` and ``rendered_at`` are of its newest snapshot; ``wanted_at`` is set while one is owed."""

    path: str
    score: int | None
    issues: int
    status: int | None
    first_seen_at: datetime | None
    rendered_at: datetime | None
    gone_at: datetime | None
    wanted_at: datetime | None
    attempts: int
    failure: str | None


_COLUMNS: Final[tuple[Any, ...]] = (
    Page.path,
    Page.seo_score,
    Page.seo_issues_count,
    Page.status,
    Page.first_seen_at,
    Page.rendered_at,
    Page.gone_at,
    Page.wanted_at,
    Page.attempts,
    Page.failure,
)


async def find_pages(
    database: Database, domain_id: DomainId, wanted: Wanted, *, limit: int, offset: int = 0
) -> tuple[list[KnownPage], int]:
    """A piece of the pages that are wanted, and how many there are of them."""
    condition = and_(Page.domain_id == domain_id, _BUCKETS[wanted.bucket])
    if wanted.search:
        condition = and_(condition, Page.path.icontains(wanted.search, autoescape=True))
    rows = select(*_COLUMNS).where(condition).order_by(*_SORTS[wanted.sort], Page.path)
    async with database.read() as session:
        total = await _total(session, domain_id, wanted, condition)
        found = await session.execute(rows.limit(limit).offset(offset))
        return [KnownPage(*row) for row in found], total


async def _total(
    session: AsyncSession, domain_id: DomainId, wanted: Wanted, condition: ColumnElement[bool]
) -> int:
    """Kept with every change of a page, and so counted only where nobody keeps it."""
    if wanted.search or wanted.bucket == "gone":
        return await session.scalar(select(func.count()).select_from(Page).where(condition)) or 0
    counts = await session.get(SeoCounts, domain_id)
    if counts is None:
        return 0
    kept = {
        "good": counts.good,
        "needs-work": counts.needs_work,
        "poor": counts.poor,
        "unknown": counts.unknown,
    }
    return kept[wanted.bucket] if wanted.bucket else sum(kept.values())


async def page_of(database: Database, domain_id: DomainId, path: str) -> KnownPage | None:
    """One page by its canonical path, also one that is gone or was only asked for; None where nobody knows it."""
    query = select(*_COLUMNS).where(Page.domain_id == domain_id, Page.digest == path_digest(path))
    async with database.read() as session:
        row = (await session.execute(query)).first()
    return KnownPage(*row) if row else None
