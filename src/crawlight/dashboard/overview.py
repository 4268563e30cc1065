"""``/``: all domains that an account may see, its export and its report."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts.people import has_accounts
from crawlight.analytics.overview import OVERVIEW
from crawlight.dashboard.frame import page, redirect, respond
from crawlight.dashboard.questions import about, as_csv, as_json, ask
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.visits import MaybeSignedIn, SignedIn
from crawlight.domains.claims import claims_of
from crawlight.kit.clock import now

routes = APIRouter()


@routes.get("/")
async def overview(request: Request, visit: MaybeSignedIn) -> Response:
    """The page; for a stranger, the way in."""
    if visit is not None:
        rows = await ask(visit, OVERVIEW, await about(visit))
        values = {"title": "All domains", "tab": "overview", "period": visit.period, "rows": rows}
        claims = await claims_of(visit.dashboard.database, visit.account.id)
        known, mine = dashboard_of(request).crowds.known(), {domain.id for domain in visit.scope.domains}
        crowds = [str(one) for domain, one in known.items() if domain in mine]
        return await visit.page("overview.html", {**values, "claims": claims, "crowds": crowds})
    if await has_accounts(dashboard_of(request).database):
        return redirect(request, "/sign-in")
    return await page(request, "welcome.html", {"title": "Welcome to Crawlight"})


@routes.get("/overview.json")
async def overview_json(visit: SignedIn) -> Response:
    """The table as data."""
    return await as_json(visit, OVERVIEW)


@routes.get("/overview.csv")
async def overview_csv(visit: SignedIn) -> Response:
    """The table for a spreadsheet."""
    return await as_csv(visit, OVERVIEW, f"crawlight-domains-{visit.period}")


@routes.get("/export.json")
async def export(visit: SignedIn) -> Response:
    """The document of the export API for the period: on every plan, without quota."""
    content = await visit.dashboard.exporter.export(visit.scope, visit.period, now())
    name = f"crawlight-{visit.period}-{now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return respond(visit.request, content, "application/json", headers=headers)
