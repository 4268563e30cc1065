"""The latest audit of each page: recorded when a snapshot is stored, read by dashboard and report.

Findings across pages (weight 0) are as of the last audit of the page, or of a page that shares its title,
description or language versions: a new audit brings those of its neighbours up to date, a bounded number.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.audit import VERSION, Audit, Issue, check_named
from crawlight.audit.check import Found
from crawlight.audit.score import issue
from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page, PageAudit
from crawlight.domains import across, pages
from crawlight.ids import DomainId
from crawlight.kit.clock import now

_NEIGHBOURS: Final = 40
"""Pages whose findings are made anew with one audit."""

_KEY: Final = (PageAudit.domain_id, PageAudit.digest)


class StoredAudit(msgspec.Struct, frozen=True):
    """The latest audit of one page, by canonical path."""

    path: str
    score: int
    issues: tuple[Issue, ...]
    indexable: bool
    version: int
    audited_at: datetime


class ScoredPage(msgspec.Struct, frozen=True):
    """A page in a list."""

    path: str
    score: int
    issues: int


async def record(database: Database, domain_id: DomainId, path: str, audit: Audit) -> None:
    """Keep the audit of a page whose snapshot was stored; the page is known then, or gone if it says so."""
    async with database.write() as session:
        await _set_page(session, domain_id, path, audit)
        old = await session.get(PageAudit, (domain_id, pages.path_digest(path)))
        neighbours = await _neighbours(session, old) if old else set()
        own = await _upsert(session, domain_id, path, audit)
        linked = {} if audit.gone else await across.linked_found(session, domain_id, audit.facts)
        await _refresh(session, own, linked)
        await _refresh_all(session, domain_id, neighbours | await _neighbours(session, own))


async def drop(database: Database, domain_id: DomainId, path: str) -> None:
    """Forget the audit of a page that has become a redirect: it is known, not gone, and without score."""
    async with database.write() as session:
        await pages.set_audit(session, domain_id, path, None, 0)
        old = await session.get(PageAudit, (domain_id, pages.path_digest(path)))
        if old is not None:
            neighbours = await _neighbours(session, old)
            await session.delete(old)
            await session.flush()
            await _refresh_all(session, domain_id, neighbours)


async def of_page(database: Database, domain_id: DomainId, path: str) -> StoredAudit | None:
    """The latest audit of a page; none where it was never audited."""
    key = (domain_id, pages.path_digest(path))
    async with database.read() as session:
        page, stored = await session.get(Page, key), await session.get(PageAudit, key)
    if page is None or stored is None or page.seo_score is None:
        return None
    return StoredAudit(
        path=path,
        score=page.seo_score,
        issues=tuple(_issues(stored)),
        indexable=stored.indexable,
        version=stored.version,
        audited_at=stored.audited_at,
    )


async def worst(database: Database, domain_id: DomainId, limit: int = 20) -> list[ScoredPage]:
    """Known pages with the lowest scores first, of these those with the most issues."""
    query = (
        select(Page.path, Page.seo_score, Page.seo_issues_count)
        .where(Page.domain_id == domain_id, Page.seo_score.is_not(None))
        .where(Page.first_seen_at.is_not(None), Page.gone_at.is_(None))
        .order_by(Page.seo_score, Page.seo_issues_count.desc(), Page.path)
        .limit(limit)
    )
    async with database.read() as session:
        rows = await session.execute(query)
        return [ScoredPage(path, score or 0, issues) for path, score, issues in rows]


async def having(database: Database, domain_id: DomainId, check: str) -> tuple[int, int]:
    """How many pages that are there have an issue of a check, and how many were audited."""
    issue = func.count().filter(PageAudit.found.contains(f'"{check}"'))
    query = (
        select(issue, func.count())
        .join(Page, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .where(PageAudit.domain_id == domain_id, Page.gone_at.is_(None))
    )
    async with database.read() as session:
        found, audited = (await session.execute(query)).one()
    return found, audited


async def outdated(database: Database, limit: int = 100) -> list[tuple[DomainId, str]]:
    """(domain id, path) of pages, not gone, whose audit was made by older rules, oldest audits first.

    Pages that are owed a render anyway, or whose last one failed, are left out.
    """
    query = (
        select(Page.domain_id, Page.path)
        .join(PageAudit, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .where(PageAudit.version < VERSION, Page.gone_at.is_(None))
        .where(Page.wanted_at.is_(None), Page.failure.is_(None))
        .order_by(PageAudit.audited_at)
        .limit(limit)
    )
    async with database.read() as session:
        return [(domain_id, path) for domain_id, path in await session.execute(query)]


async def _set_page(session: AsyncSession, domain_id: DomainId, path: str, audit: Audit) -> None:
    """Score and count of the page; findings across pages are added to the count by ``_refresh``."""
    await pages.set_audit(session, domain_id, path, audit.score, len(audit.issues))
    if audit.gone:
        await pages.set_gone(session, domain_id, path)


async def _upsert(session: AsyncSession, domain_id: DomainId, path: str, audit: Audit) -> PageAudit:
    facts = audit.facts
    key = {"domain_id": domain_id, "digest": pages.path_digest(path)}
    values = {
        "version": audit.version,
        "audited_at": now(),
        "status": audit.status,
        "indexable": audit.indexable,
        "found": _encoded({one.check: Found(one.found, one.elements, one.count) for one in audit.issues}),
        "across": "{}",
        "title_digest": _text_digest(facts.title) if audit.indexable else None,
        "description_digest": _text_digest(facts.description) if audit.indexable else None,
        "alternates": across.packed(facts.alternates) if audit.indexable else b"",
    }
    insert = insert_into(session, PageAudit).values(**key, **values)
    await session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=values))
    return await session.get_one(PageAudit, key, populate_existing=True)


async def _neighbours(session: AsyncSession, own: PageAudit) -> set[bytes]:
    """Digests of pages whose findings may change with this one's."""
    found: set[bytes] = set(across.split(own.alternates))
    for column, digest in (
        (PageAudit.title_digest, own.title_digest),
        (PageAudit.description_digest, own.description_digest),
    ):
        if digest:
            found |= {other for _, other in await across.twins(session, own, column == digest)}
    return set(sorted(found - {own.digest})[:_NEIGHBOURS])


async def _refresh(session: AsyncSession, own: PageAudit, linked: Mapping[str, Found]) -> None:
    """Make the findings across pages of one page anew, and count its issues again."""
    found = {
        **await across.twins_found(session, own),
        **await across.return_links_found(session, own),
        **linked,
    }
    own.across = _encoded(found)
    page = await session.get_one(Page, (own.domain_id, own.digest))
    await pages.set_issues(session, page, len(_decoded(own.found)) + len(found))
    await session.flush()


async def _refresh_all(session: AsyncSession, domain_id: DomainId, digests: set[bytes]) -> None:
    for digest in sorted(digests):
        if neighbour := await session.get(PageAudit, (domain_id, digest)):
            await _refresh(session, neighbour, _kept(neighbour))


def _kept(own: PageAudit) -> dict[str, Found]:
    """The findings that only an audit of the page itself makes anew."""
    return {check: found for check, found in _decoded(own.across).items() if check in across.LINKED}


def _issues(stored: PageAudit) -> Iterable[Issue]:
    for name, found in {**_decoded(stored.found), **_decoded(stored.across)}.items():
        if check := check_named(name):  # One that the rules no longer have is gone with the next audit.
            yield issue(check, found)


def _encoded(found: Mapping[str, Found]) -> str:
    return msgspec.json.encode(found).decode()


def _decoded(stored: str) -> dict[str, Found]:
    return msgspec.json.decode(stored, type=dict[str, Found])


def _text_digest(text: str) -> bytes | None:
    """Eight bytes under which texts are found that differ in case only; none for an empty one."""
    return blake2b(text.casefold().encode(), digest_size=8).digest() if text else None
