"""The inventory of pages: which are known, how they score, which are to be rendered next.

Paths are canonical, with query (`kit.urls.canonical_path`).
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page, SeoCounts
from crawlight.kit.clock import now

_CHUNK: Final = 5_000
"""Pages per transaction: short enough that others get their turn to write."""

_BUCKETS: Final = ("good", "needs_work", "poor", "unknown")


async def learn(database: Database, domain_id: int, paths: Iterable[str]) -> int:
    """Note pages that were crawled, or found in a sitemap; returns how many were new.

    Doing it again changes nothing. Committed in chunks, so of a run that dies a part is known.
    """
    # In one order for all, so that two learners never wait for each other's rows in a circle.
    ordered = iter(sorted(set(paths)))
    new = 0
    while chunk := list(islice(ordered, _CHUNK)):
        async with database.write() as session:
            new += await _learn_chunk(session, domain_id, chunk)
    return new


async def mark_wanted(database: Database, domain_id: int, path: str, reason: str) -> None:
    """Ask for a render of a page, also of one never seen; asking again while it is owed asks for no second one.

    ``reason`` has at most 16 characters.
    """
    wanted = {"wanted_at": now(), "wanted_reason": reason}
    async with database.write() as session:
        insert = insert_into(session, Page).values(
            domain_id=domain_id, digest=path_digest(path), path=path, seo_issues_count=0, **wanted
        )
        await session.execute(
            insert.on_conflict_do_update(index_elements=[Page.domain_id, Page.digest], set_=wanted)
        )


async def record_audit(database: Database, domain_id: int, path: str, score: int, issues: int) -> None:
    """Set the score (0 to 100) and number of issues of a page that was rendered: it is known and not gone."""
    async with database.write() as session:
        page = await _locked(session, domain_id, path)
        before = _bucket(page)
        page.first_seen_at = page.first_seen_at or now()
        issues_more = issues - (page.seo_issues_count if before else 0)
        page.seo_score, page.seo_issues_count, page.gone_at = score, issues, None
        await _recount(session, domain_id, before, _bucket(page), issues_more)


async def mark_gone(database: Database, domain_id: int, path: str) -> None:
    """Take a page out of the known ones, because the site answers that there is none."""
    async with database.write() as session:
        page = await _locked(session, domain_id, path)
        before = _bucket(page)
        page.gone_at = page.gone_at or now()
        await _recount(session, domain_id, before, None, -page.seo_issues_count if before else 0)


async def scores_for(
    database: Database, paths: Mapping[int, Sequence[str]]
) -> dict[tuple[int, str], tuple[int | None, int]]:
    """Score (null where never audited) and number of issues by (domain id, path), in one query.

    ``paths`` are the wanted ones by domain id; pages that nobody knows are absent from the answer.
    """
    wanted = [(domain_id, path_digest(path)) for domain_id, some in paths.items() for path in some]
    query = select(Page.domain_id, Page.path, Page.seo_score, Page.seo_issues_count)
    async with database.read() as session:
        rows = await session.execute(query.where(tuple_(Page.domain_id, Page.digest).in_(wanted)))
        return {(domain_id, path): (score, issues) for domain_id, path, score, issues in rows}


async def seo_counts(database: Database, domain_ids: Sequence[int]) -> dict[int, SeoCounts]:
    """Known pages by bucket of their score, by domain id, in one query; domains without pages are absent."""
    async with database.read() as session:
        rows = await session.scalars(select(SeoCounts).where(SeoCounts.domain_id.in_(domain_ids)))
        return {row.domain_id: row for row in rows}


def path_digest(path: str) -> bytes:
    """The 16 bytes under which a path is found in the table of pages."""
    return blake2b(path.encode(), digest_size=16).digest()


async def _learn_chunk(session: AsyncSession, domain_id: int, paths: list[str]) -> int:
    moment = now()
    rows = [
        {"domain_id": domain_id, "digest": path_digest(path), "path": path, "first_seen_at": moment}
        for path in paths
    ]
    insert = insert_into(session, Page)
    # A page that was only wanted so far becomes known; one that is known already is left alone.
    upsert = insert.on_conflict_do_update(
        index_elements=[Page.domain_id, Page.digest],
        set_={"first_seen_at": insert.excluded.first_seen_at},
        where=Page.first_seen_at.is_(None),
    )
    learned = (await session.execute(upsert.returning(Page.digest), rows)).all()
    await _add_counts(session, domain_id, {"unknown": len(learned)})
    return len(learned)


async def _locked(session: AsyncSession, domain_id: int, path: str) -> Page:
    """The row of a page, made where it is missing, which nobody else can change before the end."""
    key = {"domain_id": domain_id, "digest": path_digest(path)}
    insert = insert_into(session, Page).values(**key, path=path, seo_issues_count=0)
    await session.execute(insert.on_conflict_do_nothing())
    return await session.get_one(Page, key, with_for_update=True)


def _bucket(page: Page) -> str | None:
    """The column of SeoCounts that counts a page; None where it is not known, or gone."""
    if page.first_seen_at is None or page.gone_at is not None:
        return None
    if page.seo_score is None:
        return "unknown"
    return "good" if page.seo_score >= 90 else "needs_work" if page.seo_score >= 50 else "poor"


async def _recount(
    session: AsyncSession, domain_id: int, before: str | None, after: str | None, issues: int
) -> None:
    changes = {"total_issues": issues}
    if before != after:
        changes |= {bucket: change for bucket, change in ((before, -1), (after, 1)) if bucket}
    await _add_counts(session, domain_id, changes)


async def _add_counts(session: AsyncSession, domain_id: int, changes: Mapping[str, int]) -> None:
    insert = insert_into(session, SeoCounts).values(
        domain_id=domain_id, **dict.fromkeys((*_BUCKETS, "total_issues"), 0)
    )
    await session.execute(insert.on_conflict_do_nothing())
    added = {name: getattr(SeoCounts, name) + change for name, change in changes.items()}
    await session.execute(update(SeoCounts).where(SeoCounts.domain_id == domain_id).values(added))
