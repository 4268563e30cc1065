"""``/domains/HOST/settings/rules``: the routing rules of a domain, as the list that they are."""

from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard import site as frame
from crawlight.dashboard.forms import form
from crawlight.dashboard.texts import sentence
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains.rule_checks import MOST
from crawlight.domains.rule_lists import most_rules, read, rules_of, save_rules, written
from crawlight.domains.rules import Met, Rule, Rules
from crawlight.errors import UserError

routes = APIRouter()

_MOST_BYTES: Final = 4 * 1024 * 1024


class Listed(msgspec.Struct, frozen=True):
    """The JSON twin."""

    domain: str
    rules: list[Rule]


@routes.get("/domains/{host}/settings/rules")
async def show(request: Request, visit: SignedIn, host: str) -> Response:
    """The page; ``try`` in the URL is a path, and the page says what a request for it gets."""
    return await _page(visit, visit.domain(host), tried=request.query_params.get("try", "").strip())


@routes.post("/domains/{host}/settings/rules")
async def change(request: Request, visit: SignedIn, host: str) -> Response:
    """Replace all rules, or none where a line is wrong."""
    domain, fields = visit.domain(host, "manager"), await form(request, _MOST_BYTES)
    given, database = fields.get("rules", ""), visit.site.database
    try:
        rules = read(given)
        most = await most_rules(database, domain.id, visit.site.plans)
        await save_rules(database, domain.id, domain.host, rules, most)
    except UserError as error:
        return await _page(visit, domain, given=given, error=sentence(error))
    told = f"{len(rules)} rules saved." if len(rules) != 1 else "1 rule saved."
    return await visit.go(f"/domains/{domain.host}/settings/rules", told)


@routes.get("/domains/{host}/settings/rules.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    domain = visit.domain(host)
    return visit.data(Listed(domain.host, await rules_of(visit.site.database, domain.id)))


@routes.get("/domains/{host}/settings/rules.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The list as it is imported."""
    domain = visit.domain(host)
    content = written(await rules_of(visit.site.database, domain.id)).encode()
    headers = {"Content-Disposition": f'attachment; filename="{domain.host}-rules.csv"'}
    return frame.respond(visit.request, content, "text/csv; charset=utf-8", headers=headers)


async def _page(
    visit: Visit, domain: ScopedDomain, *, given: str | None = None, error: str = "", tried: str = ""
) -> Response:
    database = visit.site.database
    rules = await rules_of(database, domain.id)
    values = {
        "title": f"Routing rules of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "rules",
        "count": len(rules),
        "given": written(rules).partition("\n")[2] if given is None else given,
        "most": await most_rules(database, domain.id, visit.site.plans) or MOST,
        "tried": tried,
        "met": _met(domain.host, rules, tried) if tried else None,
        "fixed": domain.role == "viewer",
        "error": error,
    }
    return await visit.page("rules.html", values, status=400 if error else 200)


def _met(host: str, rules: list[Rule], tried: str) -> Met | None:
    return Rules(host, rules).meet(tried if tried.startswith("/") else f"/{tried}")
