"""``/domains/HOST/settings``: how the pages of a domain are rendered and kept."""

from typing import Final

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import Visit
from crawlight.domains import late_content
from crawlight.domains.durations import rule, seconds, written, written_rule
from crawlight.domains.settings import DomainSettings, change_settings, read_settings


def _written(settings: DomainSettings) -> dict[str, str]:
    """The settings as the form shows them."""
    return {
        "freshness": written(settings.freshness_seconds),
        "path_rules": "\n".join(map(written_rule, settings.path_rules)),
        "ignored_parameters": "\n".join(settings.ignored_parameters),
        "blocked_paths": "\n".join(settings.blocked_paths),
        "language": settings.language,
        "identity_policy": settings.identity_policy,
        "private_pages": settings.private_pages,
        "revalidation": settings.revalidation,
        "render_within": written(settings.render_within_seconds),
    }


def _read(fields: Fields) -> dict[str, object]:
    """What a form says. Raises UserError for durations and rules that are none; the rest is for the room."""
    return {
        "freshness_seconds": seconds(fields.get("freshness", "")),
        "path_rules": tuple(map(rule, _lines(fields, "path_rules"))),
        "ignored_parameters": _lines(fields, "ignored_parameters"),
        "blocked_paths": _lines(fields, "blocked_paths"),
        "language": fields.get("language", ""),
        "identity_policy": fields.get("identity_policy", ""),
        "private_pages": fields.get("private_pages", ""),
        "revalidation": fields.get("revalidation", ""),
        "render_within_seconds": seconds(fields.get("render_within", "")),
    }


def _lines(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in fields.get(name, "").splitlines() if line.strip())


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, object]:
    database = visit.dashboard.database
    shown = _written(await read_settings(database, domain.id)) if fields is None else fields
    return {
        "shown": {**dict.fromkeys(_written(DomainSettings()), ""), **shown},
        "late": await late_content.of_domain(database, domain.id),
        "longest": late_content.LONGEST_FIXED,
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    await change_settings(visit.dashboard.database, domain.id, **_read(fields))
    return "Settings saved."


FORM: Final = SettingsForm("rendering", "Settings of {}", "domain_settings.html", _values, _save)
routes = FORM.routes()
