"""``POST /v1/event/crawl`` and ``/v1/event/referral``: what servers and edge workers report."""

import asyncio
import re
import time
from collections.abc import Sequence

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope as ASGIScope

from crawlight.bots.assistants import assistant_of
from crawlight.bots.identity import Identity
from crawlight.bots.matcher import classify
from crawlight.crawls.crawl import Record, referral
from crawlight.crawls.recorder import Recorder, SpoolFullError
from crawlight.edge.endpoints.entries import (
    MalformedEntryError,
    NoEntriesError,
    measured,
    read_entries,
    record_of,
)
from crawlight.edge.endpoints.report_auth import ReportAuth
from crawlight.edge.tenants import Client
from crawlight.errors import CrawlightError
from crawlight.ids import DomainId
from crawlight.kit.bodies import TooLongError, read_body
from crawlight.kit.urls import kind_of, split_url

CRAWL = "/v1/event/crawl"
REFERRAL = "/v1/event/referral"
MOST_CRAWL_BYTES = 16 * 1024 * 1024
MOST_REFERRAL_BYTES = 64 * 1024
_BODY_SECONDS = 60.0

_PORT = re.compile(r":[0-9]+$")

log = structlog.get_logger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """The answer to reported crawls. ``accepted`` are on disk, and in the numbers within seconds.

    ``ignored`` are those that are no crawl (people, assets, robots.txt, HTTP libraries, other methods), on a host that
    the account does not manage, or of a time that is not taken.
    """

    accepted: int
    ignored: int


class Referral(msgspec.Struct, frozen=True):
    """One visit: the page, and where the visitor came from. The visitor's user agent is the request's.

    ``bytes`` and ``milliseconds`` are those of the answer, where the server before us measured them.
    """

    url: str
    referer: str | None = None
    bytes: object = None
    milliseconds: object = None


_referral = msgspec.json.Decoder(Referral)


class Events:
    """Both calls."""

    def __init__(self, auth: ReportAuth, recorder: Recorder, identity: Identity) -> None:
        self._auth = auth
        self._recorder = recorder
        self._identity = identity

    def routes(self) -> Sequence[Route]:
        """The two routes; other methods are answered 405 by the router."""
        return (
            _Route(CRAWL, self.crawls, methods=["POST"]),
            _Route(REFERRAL, self.referral, methods=["POST"]),
        )

    async def crawls(self, request: Request) -> Response:
        """202 with what was taken, once it is on disk."""
        client = await self._auth.enter(request)
        body = await _body(request, MOST_CRAWL_BYTES)
        taken, records = self._records(body, client)
        await self._keep(records)
        return _json(msgspec.json.encode(taken), 202, request.state.rate_headers)

    async def referral(self, request: Request) -> Response:
        """204, whether the visit is one that is counted or not."""
        client = await self._auth.enter(request)
        body = await _body(request, MOST_REFERRAL_BYTES)
        try:
            told = _referral.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CrawlightError("invalid_request", str(error)) from None
        record = _visit(told, client)
        if record and classify(request.headers.get("user-agent", "")) is None:
            await self._keep([record])
        return Response(None, 204, request.state.rate_headers)

    def _records(self, body: bytes, client: Client) -> tuple[Taken, list[Record]]:
        try:
            entries = read_entries(body)
        except NoEntriesError as error:
            raise CrawlightError("invalid_request", str(error)) from None
        except MalformedEntryError as error:
            raise _malformed(error.index, error.reason) from None
        now, records, accepted = time.time(), list[Record](), 0
        for entry, seconds in entries:
            page = _page(client, entry.url)
            record = record_of(entry, seconds, *page, self._identity, now) if page else None
            if record is not None:
                records.append(record)
                accepted += record.kind == "crawl"
        return Taken(accepted, len(entries) - accepted), records

    async def _keep(self, records: Sequence[Record]) -> None:
        try:
            await self._recorder.record(records)
        except SpoolFullError as error:
            log.error("events_refused", reason=str(error), records=len(records))
            raise CrawlightError("unavailable", "spool full") from None
        except ValueError:
            raise CrawlightError("invalid_request", "text that is no Unicode") from None


class _Route(Route):
    """Tells metrics and log which route it was, as FastAPI's own do."""

    def matches(self, scope: ASGIScope) -> tuple[Match, ASGIScope]:
        match, child = super().matches(scope)
        return match, {**child, "route": self}


def _page(client: Client, url: str) -> tuple[DomainId, str] | None:
    """Domain id and path of a page of a domain that the account manages. A port names no other site, unless kept."""
    parts = split_url(url)
    site = (client.sites.get(parts[0]) or client.sites.get(_PORT.sub("", parts[0]))) if parts else None
    path = site.page(parts[1]) if parts and site else None
    return (site.id, path) if site and path else None


def _visit(told: Referral, client: Client) -> Record | None:
    """The record of a visit that an AI assistant sent; None for every other. Who came is not kept.

    Raises 400 where the URL names no page, 403 where its domain is not the account's to manage.
    """
    if split_url(told.url) is None:
        raise CrawlightError("invalid_request", "url is an absolute http or https URL")
    page = _page(client, told.url)
    if page is None:
        raise CrawlightError("domain_not_authorized", "the account neither owns nor manages this domain")
    try:
        size, milliseconds = measured("bytes", told.bytes), measured("milliseconds", told.milliseconds)
    except ValueError as error:
        raise _malformed(0, str(error)) from None
    assistant = assistant_of(told.url, told.referer or "")
    if assistant is None or kind_of(page[1]) != "crawl":
        return None
    return referral(page[0], assistant, page[1], int(time.time()), size, milliseconds)


def _malformed(index: int, reason: str) -> CrawlightError:
    return CrawlightError("invalid_request", reason, members={"index": index, "reason": reason})


async def _body(request: Request, most: int) -> bytes:
    """The body. Raises 413 where it is longer, 400 where it takes too long."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await read_body(request, most)
    except TooLongError:
        raise CrawlightError("payload_too_large", f"body over {most} bytes") from None
    except TimeoutError:
        raise CrawlightError("invalid_request", f"body not whole after {_BODY_SECONDS:.0f} seconds") from None


def _json(body: bytes, status: int, headers: dict[str, str]) -> Response:
    return Response(body, status, headers, media_type="application/json")
