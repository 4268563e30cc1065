"""Findings that need other pages of the domain: duplicates, return links, links to pages that are gone.

They are made from what is stored, for one page at a time, with a bounded number of look-ups by index.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.audit import Facts
from crawlight.audit.check import MAX_ELEMENTS, Found, found
from crawlight.database.tables import Page, PageAudit
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.kit.plural import plural

LINKED: Final = frozenset({"broken-links", "canonical-broken", "hreflang-broken"})
"""Checks that follow links of the page: they are made anew only when the page itself is audited."""

_WIDTH: Final = 16
"""Bytes of a path's digest."""


async def twins_found(session: AsyncSession, own: PageAudit) -> dict[str, Found]:
    """Pages with the same title, and with the same description."""
    results = {}
    for check, column, digest in (
        ("duplicate-title", PageAudit.title_digest, own.title_digest),
        ("duplicate-description", PageAudit.description_digest, own.description_digest),
    ):
        paths = [path for path, _ in await twins(session, own, column == digest)] if digest else []
        if paths:
            noun = check.removeprefix("duplicate-")
            many = f"At least {plural(len(paths), 'other page')}" if len(paths) > 1 else "Another page"
            results[check] = found(f"{many} of the domain with the same {noun}.", paths)
    return results


async def twins(
    session: AsyncSession, own: PageAudit, same: ColumnElement[bool]
) -> Sequence[tuple[str, bytes]]:
    """Path and digest of the first few other pages, still there, that ``same`` is true for."""
    query = (
        select(Page.path, Page.digest)
        .join(PageAudit, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .where(PageAudit.domain_id == own.domain_id, PageAudit.digest != own.digest, same)
        .where(Page.gone_at.is_(None))
        .limit(MAX_ELEMENTS)
    )
    return [(path, digest) for path, digest in await session.execute(query)]


async def return_links_found(session: AsyncSession, own: PageAudit) -> dict[str, Found]:
    """Language versions, audited and still there, that do not name this page as one of theirs."""
    query = (
        select(Page.path, PageAudit.alternates)
        .join(PageAudit, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .where(Page.domain_id == own.domain_id, Page.digest.in_(split(own.alternates)))
        .where(Page.gone_at.is_(None))
        .order_by(Page.path)
    )
    silent = [path for path, back in await session.execute(query) if own.digest not in split(back)]
    if not silent:
        return {}
    verb = "does" if len(silent) == 1 else "do"
    text = f"{plural(len(silent), 'language version')} {verb} not name this page as an alternate."
    return {"hreflang-return": found(text, silent)}


async def linked_found(session: AsyncSession, domain_id: DomainId, facts: Facts) -> dict[str, Found]:
    """Links, and the canonical link, to pages that are known to be gone or not to be indexable."""
    results = {}
    if broken := await _gone(session, domain_id, facts.links):
        results["broken-links"] = found(
            f"{plural(len(broken), 'linked page')} of the domain no longer exists."
            if len(broken) == 1
            else f"{plural(len(broken), 'linked page')} of the domain no longer exist.",
            broken,
        )
    if facts.canonical and await _unfit(session, domain_id, [facts.canonical]):
        results["canonical-broken"] = found(
            "The page named as canonical cannot be indexed.", [facts.canonical]
        )
    if unfit := await _unfit(session, domain_id, facts.alternates):
        results["hreflang-broken"] = found(
            f"{plural(len(unfit), 'language version')} cannot be indexed.", unfit
        )
    return results


def packed(paths: Iterable[str]) -> bytes:
    """The digests of paths, one after the other."""
    return b"".join(path_digest(path) for path in paths)


def split(digests: bytes) -> list[bytes]:
    """The single digests again."""
    return [digests[start : start + _WIDTH] for start in range(0, len(digests), _WIDTH)]


async def _gone(session: AsyncSession, domain_id: DomainId, paths: Sequence[str]) -> list[str]:
    query = select(Page.path).where(
        Page.domain_id == domain_id,
        Page.digest.in_([path_digest(path) for path in paths]),
        Page.gone_at.is_not(None),
    )
    return list(await session.scalars(query.order_by(Page.path)))


async def _unfit(session: AsyncSession, domain_id: DomainId, paths: Sequence[str]) -> list[str]:
    """Those of some pages that are known to be gone or not to be indexable."""
    query = (
        select(Page.path)
        .outerjoin(PageAudit, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .where(Page.domain_id == domain_id, Page.digest.in_([path_digest(path) for path in paths]))
        .where(Page.gone_at.is_not(None) | PageAudit.indexable.is_(False))
    )
    return list(await session.scalars(query.order_by(Page.path)))
