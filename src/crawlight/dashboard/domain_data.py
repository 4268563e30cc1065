"""``/domains/HOST/settings/data``: how long its records are kept, and the end of a domain."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from sqlalchemy import select

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.forms import form
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.database.tables import Domain
from crawlight.domains import registry
from crawlight.errors import UserError


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, object]:
    query = select(Domain.retention_days, Domain.retention_months).where(Domain.id == domain.id)
    async with visit.dashboard.database.read() as session:
        days, months = (await session.execute(query)).one()
    shown: Mapping[str, object] = {"days": days or "", "months": months or ""} if fields is None else fields
    return {"shown": {"days": "", "months": "", **shown}, "defaults": visit.dashboard.keeps}


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    """Change how long records are kept."""
    days, months = _number(fields, "days"), _number(fields, "months")
    await registry.set_retention(visit.dashboard.database, domain.host, days, months)
    return "Settings saved."


def _number(fields: Fields, name: str) -> int | None:
    given = fields.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise UserError(f"{given[:20]!r} is no whole number of {name}")
    return int(given)


FORM: Final = SettingsForm("data", "Data of {}", "domain_data.html", _values, _save)
routes = FORM.routes()


@routes.post("/domains/{host}/settings/remove")
async def remove(request: Request, visit: SignedIn, host: str) -> Response:
    """Remove the domain, once its name was typed."""
    domain, fields = visit.domain(host, "owner"), await form(request)
    if fields.get("typed", "").strip().lower() != domain.host:
        error = UserError(f"nothing was removed: type {domain.host} to go on")
        return await FORM.page(visit, domain, error=error)
    await registry.remove_domain(visit.dashboard.database, domain.host)
    return await visit.go("/", f"{domain.host} is removed.")
