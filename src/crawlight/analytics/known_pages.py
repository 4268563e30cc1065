"""The known pages of a domain with their last crawls: a part of them, searched, by bucket, sorted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import encoded
from crawlight.analytics.page_crawls import VISITS, Visits
from crawlight.analytics.question import About, Sources, Table, TableQuestion
from crawlight.domains.inventory import BUCKETS, SORTS, KnownPage, Wanted, find_pages
from crawlight.kit.urls import canonical_url

_MOST: Final = 10_000
_NAMED: Final = 50
"""Of so many pages crawls are asked by name; beyond it is cheaper to ask for those of all pages."""


class Part(msgspec.Struct, frozen=True):
    """Which pages: those that are ``wanted``, ``limit`` of them from ``offset`` on."""

    wanted: Wanted
    limit: int = _MOST
    offset: int = 0


class PageRow(msgspec.Struct, frozen=True, rename="camel"):
    """One page as data.

    ``crawls`` are of the period, the last ones of all crawls that are kept, both without spoofed ones.
    """

    url: str
    path: str
    seo_score: int | None
    seo_issues_count: int
    status: int | None
    crawls: int
    last_search_crawl: datetime | None
    last_ai_crawl: datetime | None
    last_social_crawl: datetime | None
    last_other_crawl: datetime | None
    rendered_at: datetime | None
    first_seen_at: datetime | None


class Pages(msgspec.Struct, frozen=True):
    """A part of a domain's pages, each with its crawls; ``total`` is how many were wanted in all."""

    domain: ScopedDomain
    total: int
    rows: list[tuple[KnownPage, Visits]]

    def data(self) -> list[PageRow]:
        """The pages as data."""
        return [_row(self.domain, page, visits) for page, visits in self.rows]


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What a URL's parameters ask for; what they say wrongly is left out."""
    buckets = {bucket: bucket for bucket in BUCKETS}
    sorts = {sort: sort for sort in SORTS}
    return Wanted(
        search=encoded(query.get("q", "").strip()[:500].replace("\0", "")),
        bucket=buckets.get(query.get("bucket", ""), ""),  # type: ignore[call-overload]
        sort=sorts.get(query.get("sort", ""), "score"),  # type: ignore[call-overload]
    )


async def known_pages(sources: Sources, about: About, part: Part) -> Pages:
    """One query of the database and one of the events store. Raises StoreError where that is away."""
    domain = about.domain
    found, total = await find_pages(
        sources.database, domain.id, part.wanted, limit=part.limit, offset=part.offset
    )
    names = [page.path for page in found] if part.limit <= _NAMED else []
    crawls = await VISITS.answer(sources, about, names) if found else {}
    return Pages(domain, total, [(page, crawls.get(page.path, Visits())) for page in found])


def _row(domain: ScopedDomain, page: KnownPage, visits: Visits) -> PageRow:
    return PageRow(
        url=canonical_url(domain.page_host, page.path),
        path=page.path,
        seo_score=page.score,
        seo_issues_count=page.issues,
        status=page.status,
        crawls=visits.crawls,
        last_search_crawl=visits.last.get("search"),
        last_ai_crawl=visits.last.get("ai"),
        last_social_crawl=visits.last.get("social"),
        last_other_crawl=visits.last.get("other"),
        rendered_at=page.rendered_at,
        first_seen_at=page.first_seen_at,
    )


def _table(found: Pages) -> Table:
    header = [field.encode_name for field in msgspec.structs.fields(PageRow)]
    return header, map(msgspec.structs.astuple, found.data())


KNOWN_PAGES: Final = TableQuestion("pages", lambda query: Part(wanted_of(query)), known_pages, _table)
