"""``/account/keys``: API keys; each is shown once, when it is made."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts import keys
from crawlight.accounts.plans import limits_of
from crawlight.dashboard.forms import form
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/account/keys")
async def show(visit: SignedIn) -> Response:
    """The page."""
    return await _page(visit)


@routes.post("/account/keys")
async def create(request: Request, visit: SignedIn) -> Response:
    """Make a key and show it: no other page ever does."""
    name, dashboard = (await form(request)).get("name", ""), visit.dashboard
    try:
        key = await keys.create_key(dashboard.database, dashboard.plans, visit.account.id, name)
    except UserError as error:
        return await _page(visit, error=error, name=name)
    return await _page(visit, made=key, name=name.strip())


@routes.post("/account/keys/revoke")
async def revoke(request: Request, visit: SignedIn) -> Response:
    """Revoke a key for good."""
    prefix = (await form(request)).get("prefix", "")
    try:
        key = await keys.revoke_key(visit.dashboard.database, prefix, visit.account.id)
    except UserError as error:
        return await _page(visit, error=error)
    return await visit.go("/account/keys", f"{key.name} is revoked.")


async def _page(visit: Visit, *, made: str = "", name: str = "", error: UserError | None = None) -> Response:
    listed = await keys.list_keys(visit.dashboard.database, visit.account.email)
    limits = limits_of(visit.account, visit.dashboard.plans)
    valid = [key for key in listed if key.revoked_at is None]
    values = {
        "title": "API keys",
        "tab": "keys",
        "valid": valid,
        "revoked": [key for key in listed if key.revoked_at is not None],
        "limits": limits,
        "room": limits.api_keys - len(valid),
        "made": made,
        "name": name,
        "url": visit.dashboard.absolute(visit.request, ""),
        "error": error,
    }
    return await visit.page("keys.html", values)
