"""``/domains/HOST/start``: how a domain comes to Crawlight, step by step; looks by itself until it works."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain, scope_of
from crawlight.dashboard import frame
from crawlight.dashboard.claims import CHECKS_PER_MINUTE, claim_of, count_check
from crawlight.dashboard.forms import form
from crawlight.dashboard.front import look_now
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.dashboard.ways_in import WAYS, Step, recipes, steps
from crawlight.domains import claims, proof
from crawlight.errors import UserError
from crawlight.kit.clock import now

routes = APIRouter()

_DEFAULT: Final = "front"


@routes.get("/domains/{host}/start")
async def show(visit: SignedIn, host: str, way: str = _DEFAULT) -> Response:
    """The ways, and the steps of one of them."""
    values = await _values(visit, await _target(visit, host), way)
    return await visit.page("start.html", {"title": f"Connect {values['host']}", **values})


@routes.post("/domains/{host}/start")
async def check(request: Request, visit: SignedIn, host: str) -> Response:
    """Look now. A page that is open asks so again and again, and gets the steps where something has changed."""
    fields, target = await form(request), await _target(visit, host)
    if isinstance(target, ScopedDomain):
        target = visit.domain(host, "manager")
    way, polls = fields.get("way", _DEFAULT), "hx-request" in request.headers
    if polls and not await _has_room(visit):
        return Response(status_code=204, headers=frame.HEADERS)
    if not polls:
        await count_check(visit)
    target, told = await _look(visit, target, way)
    values = await _values(visit, target, way)
    same = values["seen"] == fields.get("seen")
    if polls:
        if same:
            return Response(status_code=204, headers=frame.HEADERS)
        return await visit.page("start_steps.html", values)
    if same:
        seen = {"title": f"Connect {values['host']}", **values, "told": told, "checked_at": now()}
        return await visit.page("start.html", seen)
    text = "Checked just now: " + ("all steps are done." if values["done"] else "something has changed.")
    return await visit.go(f"/domains/{values['host']}/start?way={values['way']}", text)


async def _target(visit: Visit, host: str) -> ScopedDomain | claims.Claim:
    return visit.scope.find(host) or await claim_of(visit, host)


async def _has_room(visit: Visit) -> bool:
    """Whether a page that asks by itself may look outside: it must not use up what its reader may."""
    return (await visit.dashboard.limiter.hit(f"start/{visit.account.id}", CHECKS_PER_MINUTE)).allowed


async def _look(
    visit: Visit, target: ScopedDomain | claims.Claim, way: str
) -> tuple[ScopedDomain | claims.Claim, list[str]]:
    """Look for what the next step waits for; answers what was seen, too, in sentences."""
    if isinstance(target, claims.Claim):
        return await _proven(visit, target)
    if way == "server":
        return target, [f"No crawler has come through your server to {target.host} in the last 30 days."]
    if way == "logs":
        return target, [f"Nothing has been counted for {target.host} yet."]
    told = await look_now(visit, target)
    return target, [f"{told[:1].upper()}{told[1:]}."]


async def _proven(visit: Visit, claim: claims.Claim) -> tuple[ScopedDomain | claims.Claim, list[str]]:
    """The domain, if its proof is there now."""
    dashboard = visit.dashboard
    found = await proof.findings(dashboard.outside, claim.host, dashboard.origin_of(claim.host), claim.token)
    told = [one.seen for one in found]
    if not any(one.proven for one in found):
        return claim, told
    try:
        await claims.confirm(dashboard.database, claim)
    except UserError as error:
        return claim, [error.on_page()]
    return (await scope_of(dashboard.database, visit.account.id)).find(claim.host) or claim, told


async def _values(visit: Visit, target: ScopedDomain | claims.Claim, way: str) -> dict[str, Any]:
    domain = target if isinstance(target, ScopedDomain) else None
    chosen = way if way in WAYS else _DEFAULT
    found = await steps(visit, domain, chosen)
    return {
        "ways": WAYS,
        "way": chosen,
        "host": target.host,
        "domain": domain,
        "claim": None if domain else target,
        "record": f"{proof.RECORD}.{target.host}",
        "steps": found,
        "done": all(one.done for one in found),
        "seen": _fingerprint(found),
        "own": visit.dashboard.front,
        "recipes": recipes(target.host, visit.dashboard.public_url) if chosen == "server" else {},
        "public_url": visit.dashboard.public_url,
        "fixed": domain is not None and domain.role == "viewer",
        "checked_at": None,
    }


def _fingerprint(found: Sequence[Step]) -> str:
    """Changes when the steps do."""
    return blake2b(msgspec.json.encode(found), digest_size=8).hexdigest()
