"""``/domains/HOST/pages``: every known page, searched, by bucket, sorted, with its last crawls."""

from datetime import datetime
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics import page_crawls
from crawlight.analytics.filters import encoded
from crawlight.analytics.page_crawls import Visits
from crawlight.dashboard.reach import reach_of, window_of
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.texts import age
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import comparisons
from crawlight.domains.inventory import BUCKETS, SORTS, KnownPage, Wanted, find_pages
from crawlight.domains.pages import seo_counts
from crawlight.kit.urls import canonical_url

routes = APIRouter()

_AT_ONCE: Final = 50
_MOST: Final = 10_000
"""Pages in a twin."""


class Row(msgspec.Struct, frozen=True, rename="camel"):
    """One page as the twins have it.

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


class Pages(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON twin: ``pages`` holds at most 10,000 of ``total_pages``."""

    domain: str
    period: str
    total_pages: int
    pages: list[Row]


@routes.get("/domains/{host}/pages")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The page."""
    domain, wanted, reach = visit.domain(host), _wanted(request), reach_of(request)
    days, database = await window_of(visit, domain), visit.site.database
    number = _page_number(request)
    found, total = await find_pages(
        database, domain.id, wanted, limit=_AT_ONCE, offset=(number - 1) * _AT_ONCE
    )
    crawls = await page_crawls.visits(reach.store, domain, days, [page.path for page in found])
    counts = (await seo_counts(database, [domain.id])).get(domain.id)
    values = {
        "title": "Pages",
        "domain": domain,
        "tab": "pages",
        "period": visit.period,
        "wanted": wanted,
        "rows": [(page, crawls.get(page.path, Visits())) for page in found],
        "total": total,
        "counts": counts,
        "share": (await comparisons.shares(database, [domain.id])).get(domain.id),
        "sample": comparisons.SAMPLE,
        "number": number,
        "pages": max(1, -(-total // _AT_ONCE)),
        "first": (number - 1) * _AT_ONCE + 1,
        "days": days,
        "age": age,
        "query": f"?{request.url.query}" if request.url.query else "",
    }
    return await visit.page("pages.html", values)


@routes.get("/domains/{host}/pages.json")
async def show_json(request: Request, visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    rows, total = await _rows(request, visit, domain)
    return visit.data(Pages(domain.host, visit.period, total, rows))


@routes.get("/domains/{host}/pages.csv")
async def show_csv(request: Request, visit: SignedIn, host: str) -> Response:
    """The CSV twin."""
    domain = visit.domain(host)
    rows, _ = await _rows(request, visit, domain)
    header = [field.encode_name for field in msgspec.structs.fields(Row)]
    return csv_of(visit, f"{domain.host}-pages", header, map(msgspec.structs.astuple, rows))


async def _rows(request: Request, visit: Visit, domain: ScopedDomain) -> tuple[list[Row], int]:
    found, total = await find_pages(visit.site.database, domain.id, _wanted(request), limit=_MOST)
    # Beyond a screenful it is cheaper to ask for all pages than to name each.
    crawls = await page_crawls.all_visits(reach_of(request).store, domain, await window_of(visit, domain))
    return [_row(domain, page, crawls.get(page.path, Visits())) for page in found], total


def _row(domain: ScopedDomain, page: KnownPage, visits: Visits) -> Row:
    return Row(
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


def _wanted(request: Request) -> Wanted:
    """What the URL asks for; what it says wrongly is left out."""
    asked = request.query_params
    buckets = {bucket: bucket for bucket in BUCKETS}
    sorts = {sort: sort for sort in SORTS}
    return Wanted(
        search=encoded(asked.get("q", "").strip()[:500].replace("\0", "")),
        bucket=buckets.get(asked.get("bucket", ""), ""),  # type: ignore[call-overload]
        sort=sorts.get(asked.get("sort", ""), "score"),  # type: ignore[call-overload]
    )


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    return max(1, int(given)) if given.isdecimal() and given.isascii() and len(given) < 7 else 1
