"""``/domains/HOST/settings/rules``: the routing rules of a domain, as the list that they are."""

from typing import Final

import msgspec
from fastapi import Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard import frame
from crawlight.dashboard.forms import form
from crawlight.dashboard.rehearsing import Rehearsed, rehearsed
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains.hosted import is_hosted
from crawlight.domains.rehearsal import of_rules
from crawlight.domains.rule_checks import MOST
from crawlight.domains.rule_lists import checked, most_rules, read, rules_of, save_rules, written
from crawlight.domains.rules import Met, Rule, Rules
from crawlight.errors import UserError

_MOST_BYTES: Final = 4 * 1024 * 1024


class Listed(msgspec.Struct, frozen=True):
    """The JSON twin."""

    domain: str
    rules: list[Rule]


async def _rehearsed(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> Rehearsed | None:
    """What the rules of a form would have done, where it asks that and they may be saved."""
    if fields is None or "rehearse" not in fields:
        return None
    rules = checked(domain.host, read(fields.get("rules", "")))
    return await rehearsed(visit, domain, of_rules(domain.host, rules))


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, object]:
    """``try`` in the URL is a path, and the page says what a request for it gets."""
    database, tried = visit.dashboard.database, visit.request.query_params.get("try", "").strip()
    rules = await rules_of(database, domain.id)
    return {
        "count": len(rules),
        "given": written(rules).partition("\n")[2] if fields is None else fields.get("rules", ""),
        "most": await most_rules(database, domain.id, visit.dashboard.plans) or MOST,
        "tried": tried,
        "rehearsed": await _rehearsed(visit, domain, fields),
        "met": await _met(visit, domain, rules, tried) if tried else None,
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    """Replace all rules, or none where a line is wrong."""
    rules, database = read(fields.get("rules", "")), visit.dashboard.database
    most = await most_rules(database, domain.id, visit.dashboard.plans)
    await save_rules(database, domain.id, domain.host, rules, most)
    return f"{len(rules)} rules saved." if len(rules) != 1 else "1 rule saved."


async def _met(visit: Visit, domain: ScopedDomain, rules: list[Rule], tried: str) -> Met | None:
    path = tried if tried.startswith("/") else f"/{tried}"
    by_pattern = not await is_hosted(visit.dashboard.database, domain.id, path)
    return Rules(domain.host, rules).meet(path, by_pattern=by_pattern)


_FORM: Final = SettingsForm("rules", "Routing rules of {}", "rules.html", _values, _save, _MOST_BYTES)
routes = _FORM.routes()


@routes.post("/domains/{host}/settings/rules/rehearse")
async def rehearse(request: Request, visit: SignedIn, host: str) -> Response:
    """The page with what the rules would have done to recorded crawls; nothing is saved."""
    domain, fields = visit.domain(host, "manager"), await form(request, _MOST_BYTES)
    try:
        return await _FORM.page(visit, domain, fields | {"rehearse": "90d"})
    except UserError as error:
        return await _FORM.page(visit, domain, {"rules": fields.get("rules", "")}, error)


@routes.get("/domains/{host}/settings/rules.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    return visit.data(Listed(domain.host, await rules_of(visit.dashboard.database, domain.id)))


@routes.get("/domains/{host}/settings/rules.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The list as it is imported."""
    domain = visit.domain(host)
    content = written(await rules_of(visit.dashboard.database, domain.id)).encode()
    headers = {"Content-Disposition": f'attachment; filename="{domain.host}-rules.csv"'}
    return frame.respond(visit.request, content, "text/csv; charset=utf-8", headers=headers)
