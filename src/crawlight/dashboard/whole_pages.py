"""``/domains/HOST/page/comparison?path=/...``: what people see of a page beside what crawlers get."""

from datetime import datetime

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.dashboard.one_page import address_of, managed_page, path_of
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.visits import SignedIn
from crawlight.database.engine import Database
from crawlight.domains import comparisons
from crawlight.domains.inventory import page_of
from crawlight.ids import DomainId
from crawlight.rendering.comparison import Comparison

routes = APIRouter()


class Compared(msgspec.Struct, frozen=True, rename="camel"):
    """A comparison as page and twin have it. ``whole`` is none where the page could not be compared."""

    compared_at: datetime
    whole: bool | None
    found: Comparison


async def comparison_of(database: Database, domain_id: DomainId, path: str) -> Compared | None:
    """The latest comparison of a page; none where there was none, or it is of an older version."""
    stored = await comparisons.of_page(database, domain_id, path)
    if stored is None:
        return None
    try:
        found = msgspec.json.decode(stored.found, type=Comparison)
    except msgspec.DecodeError:
        return None
    return Compared(stored.compared_at, stored.whole, found)


@routes.get("/domains/{host}/page/comparison")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The comparison, for the page to show when it is looked at."""
    domain, path = visit.domain(host), path_of(request)
    database = visit.dashboard.database
    if await page_of(database, domain.id, path) is None:
        raise not_found()
    values = {
        "title": path,
        "domain": domain,
        "tab": "pages",
        "path": path,
        "compared": await comparison_of(database, domain.id, path),
        "comparing": dashboard_of(request).comparer.is_comparing(domain.id, path),
    }
    return await visit.page("comparison.html", values)


@routes.get("/domains/{host}/page/comparison.json")
async def show_json(request: Request, visit: SignedIn, host: str) -> Response:
    """The JSON twin; null where the page was not compared yet."""
    domain, path = visit.domain(host), path_of(request)
    if await page_of(visit.dashboard.database, domain.id, path) is None:
        raise not_found()
    return visit.data(await comparison_of(visit.dashboard.database, domain.id, path))


@routes.post("/domains/{host}/page/compare")
async def compare(request: Request, visit: SignedIn, host: str) -> Response:
    """Begin to compare a page."""
    domain, path = await managed_page(request, visit, host)
    dashboard_of(request).comparer.begin(domain.id, path)
    back = f"{address_of(request, visit, domain, path)}#comparison"
    return await visit.go(back, "The page is being compared.")
