"""``/domains/HOST/settings/late-content``: what is learned of pages that are complete late, fixed or forgotten."""

from fastapi import APIRouter, Request, Response

from crawlight.dashboard.domain_settings import FORM
from crawlight.dashboard.forms import form
from crawlight.dashboard.visits import SignedIn
from crawlight.domains import late_content
from crawlight.errors import UserError

routes = APIRouter()

_BACK = "settings#late-content"


@routes.get("/domains/{host}/settings/late-content")
async def show(visit: SignedIn, host: str) -> Response:
    """Where it stands among the settings."""
    return await visit.go(f"/domains/{visit.domain(host).host}/{_BACK}")


@routes.post("/domains/{host}/settings/late-content")
async def fix(request: Request, visit: SignedIn, host: str) -> Response:
    """Have renders of a pattern wait so long."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    pattern, given = fields.get("pattern", "").strip(), fields.get("milliseconds", "").strip()
    try:
        if not (given.isascii() and given.isdigit()):
            raise UserError(f"{given[:20]!r} is no number of milliseconds")
        await late_content.fix(visit.dashboard.database, domain.id, pattern, int(given[:9]))
    except UserError as error:
        return await FORM.page(visit, domain, error=error)
    return await visit.go(
        f"/domains/{domain.host}/{_BACK}", f"Renders of {pattern} wait {given} ms from now on."
    )


@routes.post("/domains/{host}/settings/late-content/forget")
async def forget(request: Request, visit: SignedIn, host: str) -> Response:
    """Forget a pattern: it is learned anew."""
    domain, fields = visit.domain(host, "manager"), await form(request)
    pattern = fields.get("pattern", "")
    await late_content.forget(visit.dashboard.database, domain.id, pattern)
    return await visit.go(f"/domains/{domain.host}/{_BACK}", f"{pattern} is being learned again.")
