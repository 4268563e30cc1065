"""``/domains/HOST/pages``: every known page, searched, by bucket, sorted, with its last crawls."""

from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.analytics.known_pages import KNOWN_PAGES, PageRow, Part, wanted_of
from crawlight.dashboard.questions import about, as_csv, ask, sources_of
from crawlight.dashboard.texts import age
from crawlight.dashboard.visits import SignedIn
from crawlight.domains import comparisons
from crawlight.domains.pages import seo_counts

routes = APIRouter()

_AT_ONCE: Final = 50


class Pages(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON twin: ``pages`` holds at most 10,000 of ``total_pages``."""

    domain: str
    period: str
    total_pages: int
    pages: list[PageRow]


@routes.get("/domains/{host}/pages")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The page."""
    domain, wanted, number = visit.domain(host), wanted_of(request.query_params), _page_number(request)
    of, database = await about(visit, domain), visit.dashboard.database
    part = Part(wanted, _AT_ONCE, (number - 1) * _AT_ONCE)
    found = await KNOWN_PAGES.answer(sources_of(visit), of, part)
    values = {
        "title": "Pages",
        "domain": domain,
        "tab": "pages",
        "period": visit.period,
        "wanted": wanted,
        "rows": found.rows,
        "total": found.total,
        "counts": (await seo_counts(database, of.ids)).get(domain.id),
        "share": (await comparisons.shares(database, of.ids)).get(domain.id),
        "sample": comparisons.SAMPLE,
        "number": number,
        "pages": max(1, -(-found.total // _AT_ONCE)),
        "first": part.offset + 1,
        "days": of.window,
        "age": age,
        "query": f"?{request.url.query}" if request.url.query else "",
    }
    return await visit.page("pages.html", values)


@routes.get("/domains/{host}/pages.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    found = await ask(visit, KNOWN_PAGES, await about(visit, domain))
    return visit.data(Pages(domain.host, visit.period, found.total, found.data()))


@routes.get("/domains/{host}/pages.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The CSV twin."""
    domain = visit.domain(host)
    return await as_csv(visit, KNOWN_PAGES, f"{domain.host}-pages", domain)


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    return max(1, int(given)) if given.isdecimal() and given.isascii() and len(given) < 7 else 1
