"""``POST /functions/v1/export-user-analytics``: the export document of the key's account."""

import asyncio
import gzip
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import scope_of
from crawlight.analytics.export import Exporter
from crawlight.api.gate import Gate, json_object
from crawlight.database.engine import Database
from crawlight.errors import CrawlightError
from crawlight.kit import clock
from crawlight.kit.accept import takes_gzip
from crawlight.kit.periods import PERIODS

PATH = "/functions/v1/export-user-analytics"
_DEFAULT_PERIOD = "30d"
_WORTH_COMPRESSING = 1024
# Level 4 halves the time of the default 6 on these documents and adds a tenth to their size.
_GZIP_LEVEL = 4


def router(gate: Gate, database: Database, exporter: Exporter) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(PATH)
    async def export_user_analytics(request: Request) -> Response:
        caller = await gate.enter(request)
        if not caller.limits.export_api:
            raise CrawlightError("plan_upgrade_required", f"plan {caller.limits.plan} has no export API")
        period = _period(await json_object(request))
        async with gate.one_of_the_month(caller):
            scope = await scope_of(database, caller.account_id)
            document = await exporter.export(scope, period, clock.now())
            return await _answer(request, document)

    return routes


def _period(body: Mapping[str, object]) -> str:
    period = body.get("period", _DEFAULT_PERIOD)
    if not isinstance(period, str) or period not in PERIODS:
        raise CrawlightError("invalid_request", f"period is one of {', '.join(PERIODS)}")
    return period


async def _answer(request: Request, document: bytes) -> Response:
    headers = {**request.state.rate_headers, "Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(document) > _WORTH_COMPRESSING and takes_gzip(request.headers.get("accept-encoding", "")):
        document = await asyncio.to_thread(gzip.compress, document, _GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(document, headers=headers, media_type="application/json")
