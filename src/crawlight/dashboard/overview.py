"""``/``: all domains that an account may see."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts.people import has_accounts
from crawlight.dashboard.site import page, redirect, site_of
from crawlight.dashboard.visits import MaybeSignedIn
from crawlight.domains.claims import claims_of

routes = APIRouter()


@routes.get("/")
async def overview(request: Request, visit: MaybeSignedIn) -> Response:
    """The page; for a stranger, the way in."""
    if visit is not None:
        values = {
            "title": "All domains",
            "tab": "overview",
            "claims": await claims_of(visit.site.database, visit.account.id),
        }
        return await visit.page("overview.html", values)
    if await has_accounts(site_of(request).database):
        return redirect(request, "/sign-in")
    return await page(request, "welcome.html", {"title": "Welcome to Crawlight"})
