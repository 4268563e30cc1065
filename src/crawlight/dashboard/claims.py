"""``/domains/new`` and ``/domains/HOST/verify``: adding a domain, and proving that it is one's own."""

from typing import Final

from fastapi import APIRouter, Request, Response

from crawlight.dashboard.forms import form
from crawlight.dashboard.refusals import Refusal, not_found
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import claims, proof
from crawlight.errors import UserError
from crawlight.kit.clock import now

routes = APIRouter()
CHECKS_PER_MINUTE: Final = 10


@routes.get("/domains/new")
async def ask(visit: SignedIn) -> Response:
    """The form."""
    return await _new(visit)


@routes.post("/domains/new")
async def add(request: Request, visit: SignedIn) -> Response:
    """Add a domain that waits for its proof."""
    given = (await form(request)).get("host", "")
    try:
        host = await claims.claim(visit.dashboard.database, visit.account.id, given)
    except UserError as error:
        return await _new(visit, given, error)
    return await visit.go(f"/domains/{host}/start")


@routes.get("/domains/{host}/verify")
async def show(visit: SignedIn, host: str) -> Response:
    """The three ways to prove a domain."""
    if (domain := visit.scope.find(host)) is not None:
        return await visit.go(f"/domains/{domain.host}")
    return await _ways(visit, await claim_of(visit, host))


@routes.post("/domains/{host}/verify")
async def verify(visit: SignedIn, host: str) -> Response:
    """Look for the proof now."""
    claim = await claim_of(visit, host)
    await count_check(visit)
    found = await proof.findings(
        visit.dashboard.outside, claim.host, visit.dashboard.origin_of(claim.host), claim.token
    )
    if not any(finding.proven for finding in found):
        return await _ways(visit, claim, found)
    try:
        await claims.confirm(visit.dashboard.database, claim)
    except UserError as error:
        return await _ways(visit, claim, found, error)
    return await visit.go(f"/domains/{claim.host}/start", f"{claim.host} is yours.")


@routes.post("/domains/{host}/withdraw")
async def withdraw(visit: SignedIn, host: str) -> Response:
    """Remove a domain that was not proven."""
    claim = await claim_of(visit, host)
    await claims.withdraw(visit.dashboard.database, claim)
    return await visit.go("/", f"{claim.host} is removed.")


async def claim_of(visit: Visit, host: str) -> claims.Claim:
    """The domain of a page that waits for its proof; 404 where the account has none."""
    claim = await claims.find_claim(visit.dashboard.database, visit.account.id, host)
    if claim is None:
        raise not_found()
    return claim


async def count_check(visit: Visit) -> None:
    """Count one look at the outside that somebody asked for; a 429 for those who ask too often."""
    minute = await visit.dashboard.limiter.hit(f"verify/{visit.account.id}", CHECKS_PER_MINUTE)
    if not minute.allowed:
        text = f"That was too many tries. Try again in {minute.reset_seconds} seconds; DNS may take an hour anyway."
        raise Refusal("too_many_tries", "Too many tries", text, retry_after=minute.reset_seconds)


async def _new(visit: Visit, host: str = "", error: UserError | None = None) -> Response:
    waiting = await claims.claims_of(visit.dashboard.database, visit.account.id)
    values = {"title": "Add a domain", "host": host, "waiting": waiting, "error": error}
    return await visit.page("domain_new.html", values)


async def _ways(
    visit: Visit,
    claim: claims.Claim,
    found: list[proof.Finding] | None = None,
    error: UserError | None = None,
) -> Response:
    values = {
        "title": f"Prove that {claim.host} is yours",
        "claim": claim,
        "record": f"{proof.RECORD}.{claim.host}",
        "file": proof.FILE,
        "tag": f'<meta name="{proof.TAG}" content="{claim.token}">',
        "found": found or [],
        "checked_at": now(),
        "error": error,
    }
    status = 400 if error or found else 200
    return await visit.page("domain_verify.html", values, status=status)
