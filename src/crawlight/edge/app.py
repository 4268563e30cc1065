"""The HTTP surface of an edge process: render, reports, health."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler

from crawlight.edge.directory import Directory
from crawlight.edge.dispatch import RenderFirst
from crawlight.edge.endpoints.drop_in import DropIn
from crawlight.edge.endpoints.render import Render
from crawlight.errors import CrawlightError
from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)


def edge_app(render: Render, drop_in: DropIn, directory: Directory, routes: Sequence[Route]) -> ASGIApp:
    """Everything that an edge process answers."""

    async def healthz(_request: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        state = directory.failing or "ok"
        return _json({"ready": state == "ok", "checks": {"database": state}}, 200 if state == "ok" else 503)

    health = (Route("/healthz", healthz), Route("/readyz", readyz))
    handlers: dict[int | type[Exception], ExceptionHandler] = {
        CrawlightError: _refused,
        HTTPException: _not_routed,
        OperationalError: _database_away,
        InterfaceError: _database_away,
        Exception: _failed,
    }
    return RenderFirst(Starlette(routes=[*routes, *health], exception_handlers=handlers), render, drop_in)


async def _refused(request: Request, error: Exception) -> Response:
    return _refusal(request, error) if isinstance(error, CrawlightError) else await _failed(request, error)


async def _not_routed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    headers = error.headers if isinstance(error, HTTPException) else None
    return _refusal(request, CrawlightError.of_status(status, headers))


async def _database_away(request: Request, error: Exception) -> Response:
    shown = error.orig if isinstance(error, DBAPIError) and error.orig else error
    log.error("database_away", reason=first_line(shown))
    return _refusal(request, CrawlightError("unavailable", "database away"))


async def _failed(request: Request, _error: Exception) -> Response:
    log.exception("request_failed", path=request.url.path)
    return _refusal(request, CrawlightError("internal_error", members={"requestId": uuid4().hex}))


def _refusal(request: Request, error: CrawlightError) -> Response:
    headers = {**getattr(request.state, "rate_headers", {}), **error.headers_with_reason()}
    return _answer(error.body(), error.status, headers)


def _json(value: object, status: int = 200) -> Response:
    return _answer(msgspec.json.encode(value), status, {})


def _answer(body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    return Response(body, status, {"X-Request-Id": uuid4().hex, **headers}, media_type="application/json")
