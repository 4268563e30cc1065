"""``/domains/HOST/live``: crawls as they come, by server-sent events."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.latest import LATEST, LatestCrawl, Recent, last_day
from crawlight.analytics.question import About
from crawlight.dashboard import frame
from crawlight.dashboard.analytics import label
from crawlight.dashboard.questions import about, as_csv, as_json, ask
from crawlight.dashboard.state import Dashboard, dashboard_of
from crawlight.dashboard.visits import SignedIn, visitor
from crawlight.events.store import StoreError
from crawlight.kit.clock import now

routes = APIRouter()

_MOST: Final = 1_000
_EVERY_SECONDS: Final = 1.0
_LATE: Final = timedelta(seconds=60)
"""Crawls reach the store in batches of several processes, so a later one may be of an earlier second."""

_ROUNDS: Final = 600
"""After as many looks the stream ends, and the browser asks again."""

_PROVEN_EVERY: Final = 5
"""Looks after which a session and a role must prove to be there still."""


@routes.get("/domains/{host}/live")
async def live(visit: SignedIn, host: str) -> Response:
    """The latest crawls; those that come are put on top."""
    domain = visit.domain(host)
    crawls = await ask(visit, LATEST, await about(visit, domain))
    values = {"title": "Live", "tab": "live", "domain": domain, "crawls": crawls, "label": label}
    return await visit.page("live.html", values)


@routes.get("/domains/{host}/live.json")
async def live_json(visit: SignedIn, host: str) -> Response:
    """The latest crawls as data."""
    return await as_json(visit, LATEST, visit.domain(host))


@routes.get("/domains/{host}/live.csv")
async def live_csv(visit: SignedIn, host: str) -> Response:
    """The latest crawls as CSV."""
    domain = visit.domain(host)
    return await as_csv(visit, LATEST, f"{domain.host}-live", domain)


@routes.get("/domains/{host}/live/events")
async def events(visit: SignedIn, host: str, request: Request) -> Response:
    """An event ``shown`` with the latest crawls, then each new one as a message of its own.

    The first is what a page shows from then on: between its own answer and this one crawls may have come
    (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    """
    domain = visit.domain(host)
    if request.method == "HEAD":
        return frame.respond(request, b"", "text/event-stream")
    stream = _stream(request, dashboard_of(request), await about(visit, domain))
    headers = {**frame.HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(request: Request, dashboard: Dashboard, of: About) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    begun = await _latest(dashboard, of, Recent(last_day().after, _MOST))
    if begun is not None:
        yield b"event: shown\ndata: " + msgspec.json.encode(begun[: last_day().limit]) + b"\n\n"
    since = now() - _LATE
    seen = Counter(one for one in begun or () if one.time >= since)
    for number in range(1, _ROUNDS + 1):
        if await request.is_disconnected() or await _closing(dashboard):
            return
        if number % _PROVEN_EVERY == 0 and not await _may_see(request, of.domain):
            return
        if (recent := await _latest(dashboard, of, Recent(now() - _LATE, _MOST))) is not None:
            # In the order of the page, from its end: each goes on top.
            found = Counter(reversed(recent))
            for crawl in (found - seen).elements():
                yield b"data: " + msgspec.json.encode(crawl) + b"\n\n"
            seen = found
        yield b": still here\n\n"


async def _may_see(request: Request, domain: ScopedDomain) -> bool:
    visit = await visitor(request)
    return visit is not None and visit.scope.find(domain.host) is not None


async def _latest(dashboard: Dashboard, about: About, recent: Recent) -> list[LatestCrawl] | None:
    """Crawls newest first; None while the store is away."""
    try:
        return await LATEST.answer(dashboard.exporter.sources, about, recent)
    except StoreError:
        return None


async def _closing(dashboard: Dashboard) -> bool:
    """Wait for the next look; whether the server ends."""
    try:
        await asyncio.wait_for(dashboard.closing.wait(), _EVERY_SECONDS)
    except TimeoutError:
        return False
    return True
