"""``/domains/HOST/settings/front``: whether DNS of a domain points here.

The origin is the operator's to say: Caddy reaches every address that the server does.
"""

from fastapi import Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.claims import count_check
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains.front_states import look, state_of
from crawlight.domains.fronting import checked_origin
from crawlight.domains.registry import find_domain
from crawlight.domains.settings import change_settings, read_settings
from crawlight.kit.addresses import parse_networks


async def _values(visit: Visit, domain: ScopedDomain, _: Fields | None) -> dict[str, object]:
    database = visit.dashboard.database
    return {
        "settings": await read_settings(database, domain.id),
        "origin": (await find_domain(database, domain.host)).origin,
        "seen": await state_of(database, domain.host),
        "own": visit.dashboard.front,
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    """Put the domain on the front, or take it off."""
    database, front = visit.dashboard.database, fields.get("front") == "on"
    if front:
        await checked_origin(database, await find_domain(database, domain.host), None)
    await change_settings(database, domain.id, front=front)
    return f"{domain.host} {'is on the front' if front else 'has left the front'}."


routes = SettingsForm("front", "Front of {}", "front.html", _values, _save).routes()


@routes.post("/domains/{host}/settings/front/check")
async def check(visit: SignedIn, host: str) -> Response:
    """Look now where DNS of the domain leads, and at its certificate."""
    domain = visit.domain(host, "manager")
    await count_check(visit)
    told = await look_now(visit, domain)
    return await visit.go(f"/domains/{domain.host}/settings/front", f"Checked just now: {told}.")


async def look_now(visit: Visit, domain: ScopedDomain) -> str:
    """Look at a domain, in its own networks, too; answers what was seen."""
    dashboard, settings = visit.dashboard, await read_settings(visit.dashboard.database, domain.id)
    networks = parse_networks(settings.allowed_networks)
    wrong = await look(
        dashboard.outside, dashboard.database, domain.id, domain.host, dashboard.front, networks
    )
    return (
        wrong
        or f"{domain.host} points here{'' if dashboard.front.tls == 'off' else ', and its certificate is valid'}"
    )
