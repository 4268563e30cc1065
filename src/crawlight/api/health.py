"""What operators ask: is the process alive, can it do its work, and what are its numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawlight.api.metrics import Metrics
from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str]]
"""Answers why something is not ready, or an empty text."""

_PATIENCE_SECONDS = 3.0


class Readiness(msgspec.Struct, frozen=True):
    """``ready`` is true where every check says ``ok``; any other text says what is wrong.

    ``parts`` are told in the same way, but the server does its work without them, only less of it.
    """

    ready: bool
    checks: dict[str, str]
    parts: dict[str, str]


def routes(checks: Mapping[str, Check], parts: Mapping[str, Check]) -> list[Route]:
    """Both routes of health; HEAD is answered as well, as many monitors ask."""

    async def healthz(_request: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        found, told = await asyncio.gather(_results(checks), _results(parts))
        ready = all(result == "ok" for result in found.values())
        return _json(Readiness(ready, found, told), 200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def metrics_route(metrics: Metrics) -> Route:
    """The route of the numbers."""

    async def page(_request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Route("/metrics", page)


async def _results(checks: Mapping[str, Check]) -> dict[str, str]:
    results = await asyncio.gather(*(_result(check) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


async def _result(check: Check) -> str:
    try:
        return await asyncio.wait_for(check(), _PATIENCE_SECONDS) or "ok"
    except TimeoutError:
        return f"no answer within {_PATIENCE_SECONDS:g} seconds"
    except Exception as error:
        log.warning("not_ready", reason=str(error))
        return first_line(error)


def _json(content: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(content), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )
