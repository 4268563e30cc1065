"""``/report.pdf`` and ``/domains/HOST/report.pdf``: the period on paper."""

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.dashboard import frame
from crawlight.dashboard.refusals import Refusal
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.kit.clock import now
from crawlight.report.printing import PrintError
from crawlight.report.reporter import file_name

routes = APIRouter()

_RETRY_SECONDS = 30


@routes.get("/report.pdf")
async def all_domains(request: Request, visit: SignedIn) -> Response:
    """All domains that the account may see."""
    return await _answer(request, visit, None)


@routes.get("/domains/{host}/report.pdf")
async def one_domain(request: Request, visit: SignedIn, host: str) -> Response:
    """One domain."""
    return await _answer(request, visit, visit.domain(host))


async def _answer(request: Request, visit: Visit, domain: ScopedDomain | None) -> Response:
    moment = now()
    try:
        pdf = await dashboard_of(request).reporter.report(visit.scope, visit.period, moment, domain)
    except PrintError as error:
        raise Refusal("unavailable", "No report now", error.on_page(), retry_after=_RETRY_SECONDS) from None
    name = file_name(domain.host if domain else None, visit.period, moment)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return frame.respond(request, pdf, "application/pdf", headers=headers)
