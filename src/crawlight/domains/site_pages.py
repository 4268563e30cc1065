"""Which pages of a domain are to be found by search engines, and why the others are not."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import case, select

from crawlight.audit import check_named
from crawlight.audit.check import Found
from crawlight.audit.robots_groups import MOST_WORK, Rules, TooManyRulesError
from crawlight.database.engine import Database
from crawlight.database.tables import Page, PageAudit, PageText
from crawlight.domains import robots_versions
from crawlight.domains.failures import FAILURES
from crawlight.domains.sites import Site

MOST_EXAMPLES: Final = 5
_SEARCH: Final = "Googlebot"


class Listed(msgspec.Struct, frozen=True):
    """A page that can be found. ``changed_at`` is when its main text last changed, None where nobody knows."""

    path: str
    changed_at: datetime | None
    title: str
    description: str


class LeftOut(msgspec.Struct, frozen=True, rename="camel"):
    """Why some pages are left out, how many they are, and the first ones of them."""

    reason: str
    pages: int
    examples: Sequence[str]


class SitePages(msgspec.Struct, frozen=True):
    """All known pages of a domain: those that can be found, by path, and the others by reason, most pages first."""

    listed: Sequence[Listed]
    left_out: Sequence[LeftOut]


async def site_pages(database: Database, site: Site) -> SitePages:
    """Known pages that are there, indexable, their own canonical page and that nothing keeps crawlers from."""
    robots = Rules(await robots_versions.text_in_force(database, site.id) or "", MOST_WORK)
    query = (
        select(
            Page.path,
            Page.status,
            Page.failure,
            PageAudit.indexable,
            case((PageAudit.indexable, ""), else_=PageAudit.found),
            PageText.changed_at,
            PageText.title,
            PageText.description,
        )
        .outerjoin(PageAudit, (PageAudit.domain_id == Page.domain_id) & (PageAudit.digest == Page.digest))
        .outerjoin(PageText, (PageText.domain_id == Page.domain_id) & (PageText.digest == Page.digest))
        .where(Page.domain_id == site.id, Page.first_seen_at.is_not(None), Page.gone_at.is_(None))
        .order_by(Page.path)
    )
    async with database.read() as session:
        rows = (await session.execute(query)).all()
    return await asyncio.to_thread(_sorted, site, robots, rows)


def _sorted(site: Site, robots: Rules, rows: Iterable[Sequence[Any]]) -> SitePages:
    """Takes seconds where there are very many pages."""
    listed, others = list[Listed](), dict[str, list[str]]()
    for path, status, failure, indexable, found, *about in rows:
        if reason := _reason(site, robots, path, status, failure, indexable, found):
            others.setdefault(reason, []).append(path)
        else:
            listed.append(Listed(path, about[0], about[1] or "", about[2] or ""))
    left_out = [LeftOut(why, len(paths), paths[:MOST_EXAMPLES]) for why, paths in others.items()]
    return SitePages(listed, sorted(left_out, key=lambda one: -one.pages))


def _reason(
    site: Site,
    robots: Rules,
    path: str,
    status: int | None,
    failure: str | None,
    indexable: bool | None,
    found: str | None,
) -> str:
    """Why a page is left out; empty where it is not."""
    if site.page(path) != path:
        return "Its address has an ignored parameter"
    if site.blocks(path):
        return "Its path is blocked"
    if len(site.rules) and site.rules.meet(path) is not None:
        return "A routing rule handles it"
    if status is None:
        return _not_rendered(failure)
    if status != 200:
        return f"It answers with {status}"
    if kept := _kept_out(robots, path):
        return kept
    if indexable is None:
        return "It is a redirect or private, or has not been audited yet"
    return "" if indexable else _blocking(found or "{}")


def _not_rendered(failure: str | None) -> str:
    if not failure:
        return "It has not been rendered yet"
    return f"Its last render failed: {FAILURES.get(failure, failure).removesuffix('.')}"


def _kept_out(robots: Rules, path: str) -> str:
    try:
        return "" if robots.allow(_SEARCH, path) else f"robots.txt blocks {_SEARCH}"
    except TooManyRulesError:
        return "robots.txt has too many rules to check all pages"


def _blocking(found: str) -> str:
    """What keeps a page out of search engines, as its audit says."""
    checks = map(check_named, msgspec.json.decode(found, type=dict[str, Found]))
    return next((check.title for check in checks if check and check.blocks), "It is not indexable")
