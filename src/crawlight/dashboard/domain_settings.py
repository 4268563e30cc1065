"""``/domains/HOST/settings``: how the pages of a domain are rendered and kept."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard.forms import form
from crawlight.dashboard.texts import sentence
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import late_content
from crawlight.domains.durations import rule, seconds, written, written_rule
from crawlight.domains.settings import DomainSettings, change_settings, read_settings
from crawlight.errors import UserError

routes = APIRouter()


@routes.get("/domains/{host}/settings")
async def show(visit: SignedIn, host: str) -> Response:
    """The form; a viewer may read it."""
    return await settings_page(visit, visit.domain(host))


@routes.post("/domains/{host}/settings")
async def change(request: Request, visit: SignedIn, host: str) -> Response:
    """Change all of them, or none where one is wrong."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    try:
        await change_settings(visit.site.database, domain.id, **_read(fields))
    except UserError as error:
        return await settings_page(visit, domain, fields, sentence(error))
    return await visit.go(f"/domains/{domain.host}/settings", "Settings saved.")


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


def _read(fields: dict[str, str]) -> dict[str, object]:
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


def _lines(fields: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in fields.get(name, "").splitlines() if line.strip())


async def settings_page(
    visit: Visit, domain: ScopedDomain, fields: dict[str, str] | None = None, error: str = ""
) -> Response:
    """The page; after an ``error`` with the ``fields`` as they were given, if it was about them."""
    database = visit.site.database
    shown = _written(await read_settings(database, domain.id)) if fields is None else fields
    empty = dict.fromkeys(_written(DomainSettings()), "")
    values = {
        "title": f"Settings of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "rendering",
        "shown": {**empty, **shown},
        "late": await late_content.of_domain(database, domain.id),
        "longest": late_content.LONGEST_FIXED,
        "fixed": domain.role == "viewer",
        "error": error,
    }
    return await visit.page("domain_settings.html", values, status=400 if error else 200)
