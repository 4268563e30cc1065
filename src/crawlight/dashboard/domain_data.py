"""``/domains/HOST/settings/data``: how long its records are kept, and the end of a domain."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.forms import form
from crawlight.dashboard.texts import sentence
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.database.tables import Domain
from crawlight.domains import registry
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/domains/{host}/settings/data")
async def show(visit: SignedIn, host: str) -> Response:
    """The page; a viewer may read it."""
    domain = visit.domain(host)
    query = select(Domain.retention_days, Domain.retention_months).where(Domain.id == domain.id)
    async with visit.site.database.read() as session:
        days, months = (await session.execute(query)).one()
    return await _page(visit, domain, {"days": days or "", "months": months or ""})


@routes.post("/domains/{host}/settings/data")
async def keep(request: Request, visit: SignedIn, host: str) -> Response:
    """Change how long records are kept."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    try:
        days, months = _number(fields, "days"), _number(fields, "months")
        await registry.set_retention(visit.site.database, domain.host, days, months)
    except UserError as error:
        return await _page(visit, domain, fields, sentence(error))
    return await visit.go(f"/domains/{domain.host}/settings/data", "Settings saved.")


@routes.post("/domains/{host}/settings/remove")
async def remove(request: Request, visit: SignedIn, host: str) -> Response:
    """Remove the domain, once its name was typed."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    if fields.get("typed", "").strip().lower() != domain.host:
        error = f"Nothing was removed: type {domain.host} to go on."
        return await _page(visit, domain, {"days": "", "months": ""}, error)
    await registry.remove_domain(visit.site.database, domain.host)
    return await visit.go("/", f"{domain.host} is removed.")


def _number(fields: dict[str, str], name: str) -> int | None:
    given = fields.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise UserError(f"{given[:20]!r} is no whole number of {name}")
    return int(given)


async def _page(visit: Visit, domain: ScopedDomain, shown: Mapping[str, object], error: str = "") -> Response:
    values = {
        "title": f"Data of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "data",
        "shown": {"days": "", "months": "", **shown},
        "defaults": visit.site.keeps,
        "fixed": domain.role == "viewer",
        "error": error,
    }
    return await visit.page("domain_data.html", values, status=400 if error else 200)
