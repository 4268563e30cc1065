"""``/domains/HOST/settings/front``: whether DNS of a domain points here.

The origin is the operator's to say: Caddy reaches every address that the server does.
"""

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.forms import form
from crawlight.dashboard.texts import sentence
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains.fronting import checked_origin
from crawlight.domains.registry import find_domain
from crawlight.domains.settings import change_settings, read_settings
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/domains/{host}/settings/front")
async def show(visit: SignedIn, host: str) -> Response:
    """The page; a viewer may read it."""
    return await _page(visit, visit.domain(host))


@routes.post("/domains/{host}/settings/front")
async def change(request: Request, visit: SignedIn, host: str) -> Response:
    """Put the domain on the front, or take it off."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    database, front = visit.site.database, fields.get("front") == "on"
    try:
        if front:
            await checked_origin(database, await find_domain(database, domain.host), None)
        await change_settings(database, domain.id, front=front)
    except UserError as error:
        return await _page(visit, domain, sentence(error))
    told = "is on the front" if front else "has left the front"
    return await visit.go(f"/domains/{domain.host}/settings/front", f"{domain.host} {told}.")


async def _page(visit: Visit, domain: ScopedDomain, error: str = "") -> Response:
    database = visit.site.database
    settings = await read_settings(database, domain.id)
    values = {
        "title": f"Front of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "front",
        "settings": settings,
        "origin": (await find_domain(database, domain.host)).origin,
        "fixed": domain.role == "viewer",
        "error": error,
    }
    return await visit.page("front.html", values, status=400 if error else 200)
