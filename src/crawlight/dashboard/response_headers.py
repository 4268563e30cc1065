"""``/domains/HOST/settings/headers``: what all answers on the front say, whoever they are from."""

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import Visit
from crawlight.domains.content_policy import ignored
from crawlight.domains.settings import change_settings, read_settings


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, object]:
    settings = await read_settings(visit.dashboard.database, domain.id)
    policy = settings.content_security_policy if fields is None else fields.get("policy", "")
    return {
        "policy": policy,
        "ignored": ignored(policy),
        "lifts": settings.robots_header == "lift" if fields is None else fields.get("lift") == "on",
        "front": settings.front,
        "blocked": settings.blocked_paths,
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    await change_settings(
        visit.dashboard.database,
        domain.id,
        content_security_policy=fields.get("policy", ""),
        robots_header="lift" if fields.get("lift") == "on" else "origin",
    )
    return "Headers saved."


routes = SettingsForm("headers", "Response headers of {}", "response_headers.html", _values, _save).routes()
