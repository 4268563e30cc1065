"""Who may what: each route of the dashboard, as each of the five who can ask for it. A route needs an entry here."""

import re
from typing import Any, Final

import httpx2
import pytest
from fastapi.routing import APIRoute

from crawlight.dashboard.routes import PAGES
from crawlight.domains.pages import learn
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

EVERYBODY: Final = ("owner", "manager", "viewer", "stranger", "nobody")
SIGNED_IN: Final = EVERYBODY[:4]
VIEWER: Final = EVERYBODY[:3]
MANAGER: Final = EVERYBODY[:2]
OWNER: Final = EVERYBODY[:1]

_DOMAIN: Final = "/domains/{host}"
MAY_GET: Final = {
    **dict.fromkeys(("/reset", "/reset/{token}", "/setup/{token}", "/join/{token}"), EVERYBODY),
    **dict.fromkeys(("/sign-in", "/sign-up", "/previews/{token}"), EVERYBODY),
    **dict.fromkeys(("/", "/overview.json", "/overview.csv", "/export.json", "/report.pdf"), SIGNED_IN),
    **dict.fromkeys(("/account", "/account/keys", "/account/plan", "/domains/new"), SIGNED_IN),
    **dict.fromkeys((_DOMAIN, f"{_DOMAIN}/bots/{{bot:path}}", f"{_DOMAIN}/report.pdf"), VIEWER),
    **{f"{_DOMAIN}/analytics/{{name}}.{kind}": VIEWER for kind in ("csv", "json")},
    **{f"{_DOMAIN}/live{kind}": VIEWER for kind in ("", ".csv", ".json", "/events")},
    **{f"{_DOMAIN}/page{kind}": VIEWER for kind in ("", ".csv", ".json", "/comparison", "/comparison.json")},
    **{
        f"{_DOMAIN}/page/{kind}": VIEWER
        for kind in ("issues.csv", "latest.csv", "markdown", "snapshots.csv", "text")
    },
    **{f"{_DOMAIN}/pages{kind}": VIEWER for kind in ("", ".csv", ".json")},
    **{
        f"{_DOMAIN}/settings{kind}": VIEWER
        for kind in ("", "/agents", "/data", "/front", "/headers", "/late-content", "/sharing")
    },
    **{
        f"{_DOMAIN}/settings/{name}{kind}": VIEWER
        for name in ("readiness", "robots", "rules")
        for kind in ("", ".csv", ".json")
    },
    **{f"{_DOMAIN}/settings/{name}{kind}": VIEWER for name in ("llms", "sitemap") for kind in ("", ".json")},
    **dict.fromkeys((f"{_DOMAIN}/start", f"{_DOMAIN}/verify"), VIEWER),
}
MAY_POST: Final = {
    **dict.fromkeys(("/reset", "/reset/{token}", "/setup/{token}", "/join/{token}"), EVERYBODY),
    **dict.fromkeys(("/sign-in", "/sign-out", "/sign-up"), EVERYBODY),
    **dict.fromkeys(("/account/keys", "/account/keys/revoke", "/account/password"), SIGNED_IN),
    **dict.fromkeys(("/account/remove", "/account/sessions/end", "/account/sessions/end-all"), SIGNED_IN),
    **dict.fromkeys(("/domains/new", "/join/{token}/accept"), SIGNED_IN),
    # Claims are an account's own: a domain that is verified has none, whoever asks.
    **dict.fromkeys((f"{_DOMAIN}/verify", f"{_DOMAIN}/withdraw"), SIGNED_IN),
    f"{_DOMAIN}/start": MANAGER,
    **{f"{_DOMAIN}/page/{kind}": MANAGER for kind in ("compare", "refresh")},
    **{
        f"{_DOMAIN}/settings{kind}": MANAGER
        for kind in ("", "/agents", "/data", "/front", "/front/check", "/headers", "/rules")
    },
    **{f"{_DOMAIN}/settings/late-content{kind}": MANAGER for kind in ("", "/forget")},
    **{f"{_DOMAIN}/settings/{kind}": OWNER for kind in ("remove", "sharing")},
    **{f"{_DOMAIN}/settings/sharing/{kind}": OWNER for kind in ("remove", "role", "withdraw")},
    **{f"{_DOMAIN}/settings/robots{kind}": MANAGER for kind in ("", "/restore", "/site")},
    f"{_DOMAIN}/settings/robots/check": VIEWER,
    f"{_DOMAIN}/settings/rules/rehearse": MANAGER,
    **{f"{_DOMAIN}/settings/{name}": MANAGER for name in ("llms", "sitemap")},
    f"{_DOMAIN}/settings/sharing/leave": VIEWER,
}
_GIVEN: Final = {"host": "example.com", "token": "unknown", "name": "bots", "bot": "googlebot"}
# Of a page without a snapshot these are not there, whoever asks.
_OF_SNAPSHOTS: Final = ("/page/text", "/page/markdown", "/page/comparison", "/page/comparison.json")
_PROGRAMS: Final = (".json", ".csv")


def routes(method: str) -> set[str]:
    every: list[Any] = [route for module in PAGES for route in module.routes.routes]
    return {route.path for route in every if isinstance(route, APIRoute) and method in route.methods}


def address(path: str) -> str:
    return re.sub(r"{(\w+)(:path)?}", lambda found: _GIVEN[found[1]], path)


def test_every_route_says_who_may() -> None:
    assert set(MAY_GET) == routes("GET")
    assert set(MAY_POST) == routes("POST")


def refused(path: str, who: str, may: tuple[str, ...]) -> tuple[int, ...]:
    """The status that somebody gets who may not; nothing for those who may."""
    if who in may:
        return ()
    if who == "nobody":
        return (401,) if path.endswith(_PROGRAMS) else (303,)
    # A domain that one may not see is none; what one may see but not change is refused.
    return (404,) if who == "stranger" else (403,)


def fits(answer: httpx2.Response, path: str, who: str, may: tuple[str, ...]) -> bool:
    if wanted := refused(path, who, may):
        to_sign_in = answer.headers.get("location", "/sign-in").startswith("/sign-in")
        return answer.status_code in wanted and to_sign_in
    absent = "example.com" not in path or path.endswith(_OF_SNAPSHOTS)
    return answer.status_code not in (401, 403, 500) and (answer.status_code != 404 or absent)


async def test_pages_are_shown_to_those_who_may_see_them(house: House) -> None:
    domain = (await house.scope("owner")).domains[0]
    await learn(house.services.database, domain.id, ["/"])
    for path, may in MAY_GET.items():
        for who in EVERYBODY:
            if path.endswith("/events") and who in may:
                continue  # an answer that does not end
            answer = await house.get(who, address(path), params={"path": "/"})
            assert fits(answer, address(path), who, may), (path, who, answer)


async def test_nobody_else_can_change_anything(house: House) -> None:
    for path, may in MAY_POST.items():
        for who in set(EVERYBODY) - set(may):
            answer = await house.post(who, address(path))
            assert fits(answer, address(path), who, may), (path, who, answer)
