"""``POST /functions/v1/purge-cache``: marks a page for an immediate re-render."""

from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import scope_of
from crawlight.api.gate import Gate, json_object
from crawlight.database.engine import Database
from crawlight.domains.purges import purge
from crawlight.errors import CrawlightError
from crawlight.kit.urls import canonical_path

PATH = "/functions/v1/purge-cache"
_MOST_PATH_BYTES = 2048


class Queued(msgspec.Struct, frozen=True):
    """The answer: the page is wanted. ``path`` is as it was sent."""

    queued: bool
    path: str
    message: str


def router(gate: Gate, database: Database) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(PATH)
    async def purge_cache(request: Request) -> Response:
        caller = await gate.enter(request)
        host, path, page = _wanted(await json_object(request))
        domain = (await scope_of(database, caller.account_id)).managed(host)
        async with gate.one_of_the_month(caller):
            await purge(database, [(domain.id, page)])
        answer = msgspec.json.encode(Queued(queued=True, path=path, message="Re-render job queued"))
        return Response(answer, headers=request.state.rate_headers, media_type="application/json")

    return routes


def _wanted(body: Mapping[str, object]) -> tuple[str, str, str]:
    """Host, path as sent, and the canonical page. Raises 400."""
    host, path = body.get("domain"), body.get("path")
    if not isinstance(host, str) or not isinstance(path, str):
        raise CrawlightError("invalid_request", "domain and path are required, both strings")
    if not path.startswith("/"):
        raise CrawlightError("invalid_request", "path starts with /")
    if len(path.encode("utf-8", "surrogatepass")) > _MOST_PATH_BYTES:
        raise CrawlightError("invalid_request", f"path is at most {_MOST_PATH_BYTES} bytes")
    if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in path):
        raise CrawlightError("invalid_request", "path has control characters")
    page = canonical_path(path)
    if page is None:
        raise CrawlightError("invalid_request", "path names no page")
    return host, path, page
