"""``/domains/HOST/settings/front``: whether DNS of a domain points here.

The origin is the operator's to say: Caddy reaches every address that the server does.
"""

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import Visit
from crawlight.domains.fronting import checked_origin
from crawlight.domains.registry import find_domain
from crawlight.domains.settings import change_settings, read_settings


async def _values(visit: Visit, domain: ScopedDomain, _: Fields | None) -> dict[str, object]:
    database = visit.site.database
    return {
        "settings": await read_settings(database, domain.id),
        "origin": (await find_domain(database, domain.host)).origin,
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    """Put the domain on the front, or take it off."""
    database, front = visit.site.database, fields.get("front") == "on"
    if front:
        await checked_origin(database, await find_domain(database, domain.host), None)
    await change_settings(database, domain.id, front=front)
    return f"{domain.host} {'is on the front' if front else 'has left the front'}."


routes = SettingsForm("front", "Front of {}", "front.html", _values, _save).routes()
