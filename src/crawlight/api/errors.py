"""Every refusal as flat JSON: ``{"error": code}``, with the reason in a header."""

from collections.abc import Awaitable, Callable
from typing import cast

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from crawlight.errors import CrawlightError
from crawlight.events.store import StoreError
from crawlight.kit.logs import first_line
from crawlight.rendering.bodies import SnapshotStoreError

log = structlog.get_logger(__name__)
# Nobody reads it; in the log and the metrics it keeps those who went away apart from our faults.
_CALLER_LEFT = 499
_AWAY: dict[type[Exception], str] = {
    StoreError: "events store",
    SnapshotStoreError: "snapshot store",
    OperationalError: "database",
    InterfaceError: "database",
}
"""What an answer may need, by what is raised where it is away: callers are told to come again."""


def refusal(error: CrawlightError) -> Response:
    """The answer that says no."""
    return Response(error.body(), error.status, error.headers_with_reason(), media_type="application/json")


Page = Callable[[Request, CrawlightError], Awaitable[Response | None]]
"""Answers a refusal as a page where the caller is a browser that asked for one."""


async def _no_page(_request: Request, _error: CrawlightError) -> Response | None:
    return None


def install(app: Starlette, page: Page = _no_page) -> None:
    """Make the app answer its refusals, and those of the router, in this form, or as a page."""

    async def answer(request: Request, error: CrawlightError) -> Response:
        return await page(request, error) or _keyed(request, refusal(error))

    async def refused(request: Request, error: Exception) -> Response:
        return await answer(request, cast(CrawlightError, error))

    async def not_routed(request: Request, error: Exception) -> Response:
        told = cast(HTTPException, error)
        return await answer(request, CrawlightError.of_status(told.status_code, told.headers))

    async def away(request: Request, error: Exception) -> Response:
        what = next(name for kind, name in _AWAY.items() if isinstance(error, kind))
        log.error(f"{what.replace(' ', '_')}_away", reason=first_line(error))
        return await answer(request, CrawlightError("unavailable", f"{what} away"))

    async def caller_left(_request: Request, _error: Exception) -> Response:
        return Response(status_code=_CALLER_LEFT)

    async def failed(request: Request, _error: Exception) -> Response:
        members = {"requestId": request.state.request_id}
        return await answer(request, CrawlightError("internal_error", members=members))

    handlers = {CrawlightError: refused, HTTPException: not_routed, **dict.fromkeys(_AWAY, away)}
    for kind, handler in {**handlers, ClientDisconnect: caller_left, Exception: failed}.items():
        app.add_exception_handler(kind, handler)


def _keyed(request: Request, response: Response) -> Response:
    """Every answer to a known key carries the state of its minute, refusals too."""
    response.headers.update(getattr(request.state, "rate_headers", {}))
    return response
