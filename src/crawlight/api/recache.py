"""``POST /recache``: marks pages for an immediate re-render, as clients of Prerender.io ask for it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.accounts.scope import scope_of
from crawlight.api.gate import Gate, json_object
from crawlight.database.engine import Database
from crawlight.domains.purges import purge
from crawlight.errors import CrawlightError
from crawlight.kit.urls import split_url

PATH: Final = "/recache"
MOST_URLS: Final = 1_000
MOST_BODY_BYTES: Final = 1024 * 1024

_URL: Final = {"type": "string", "format": "uri", "description": "Absolute URL of a page."}
_URLS: Final = {
    "description": "Absolute URL of a page, or a list of up to 1,000.",
    "oneOf": [_URL, {"type": "array", "items": _URL, "minItems": 1, "maxItems": MOST_URLS}],
}
_KEY: Final = {"type": "string", "description": "The key; or send it as the header X-Prerender-Token."}
BODY: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"prerenderToken": _KEY, "url": _URLS, "urls": _URLS},
}
"""JSON schema of the body."""


class Recached(msgspec.Struct, frozen=True):
    """The answer: how many pages are wanted; URLs of one page are one."""

    queued: int


def router(gate: Gate, database: Database) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(PATH)
    async def recache(request: Request) -> Response:
        # The key is in the body, so that has to be read before anybody is known.
        body = await json_object(request, MOST_BODY_BYTES)
        caller = await gate.enter(request, _key(request, body))
        scope, asked = await scope_of(database, caller.account_id), _asked(body)
        domains = {host: scope.managed(host).id for host, _ in asked}
        async with gate.one_of_the_month(caller):
            pages = await purge(database, [(domains[host], path) for host, path in asked])
        answer = msgspec.json.encode(Recached(len(pages)))
        return Response(answer, headers=request.state.rate_headers, media_type="application/json")

    return routes


def _key(request: Request, body: Mapping[str, object]) -> str:
    """The key as the body has it, else as requests for pages bring it."""
    token = body.get("prerenderToken")
    return token if isinstance(token, str) else request.headers.get("x-prerender-token", "")


def _asked(body: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Bare host and canonical path of each URL. Raises 400."""
    urls = [*_texts(body.get("url")), *_texts(body.get("urls"))]
    if not 1 <= len(urls) <= MOST_URLS:
        raise CrawlightError("invalid_request", f"url is a URL or a list of up to {MOST_URLS}")
    return [_page(place, url) for place, url in enumerate(urls)]


def _texts(given: object) -> Iterable[object]:
    if given is None:
        return ()
    return given if isinstance(given, list) else (given,)


def _page(place: int, url: object) -> tuple[str, str]:
    parts = split_url(url) if isinstance(url, str) else None
    if parts is None:
        raise CrawlightError("invalid_request", f"URL {place + 1} is no absolute http or https URL")
    return parts
