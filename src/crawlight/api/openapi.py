"""``/openapi.json``: the whole API described, the document's schema taken from the structs that make it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Response

from crawlight import __version__
from crawlight.analytics.document import (
    BotDay,
    BotTotals,
    Document,
    DomainReport,
    SeoState,
    TopPage,
    summary,
)
from crawlight.api import described_render, export, purge, recache
from crawlight.api.health import Readiness
from crawlight.bots.keys import BOT_KEYS
from crawlight.crawls.crawl import MOST_MEASURED
from crawlight.errors import STATUS_OF_CODE, CrawlightError
from crawlight.kit.periods import PERIODS

Json = dict[str, Any]

_COUNTS = (31, 0, 4, 12, 9, 2, 1) + (0,) * (len(BOT_KEYS) - 7)

_RATE_HEADERS = {
    "RateLimit-Limit": "Calls that the account may make in a minute.",
    "RateLimit-Remaining": "Calls left in this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}
_RETRY_HEADERS = {"Retry-After": "Seconds after which another try may succeed."}
_QUOTA = {"usage": "Calls used this month.", "limit": "Calls that the account may make in a month (UTC)."}

_REASONS = {
    "invalid_request": "The request is malformed; the header x-crawlight-reason says in which way.",
    "invalid_api_key": "The key is missing, malformed, unknown or revoked: one answer for all.",
    "plan_upgrade_required": "The account's plan does not include this.",
    "domain_not_authorized": "The account neither owns nor manages this domain.",
    "method_not_allowed": "Another method is needed: see the header Allow.",
    "payload_too_large": "The body is larger than 64 KiB, of /recache 1 MiB, of crawl events 16 MiB.",
    "rate_limit_exceeded": "The minute's or the month's calls are used up; Retry-After says when to come back.",
    "internal_error": "A fault of the server; its log holds the requestId.",
    "unavailable": "A store is away; try again after Retry-After seconds.",
}
_MEASURED = {
    "bytes": {
        "type": ["number", "null"],
        "minimum": 0,
        "maximum": MOST_MEASURED,
        "description": "Size of the answer's body as it was sent; leave it out where nobody measured it.",
    },
    "milliseconds": {
        "type": ["number", "null"],
        "minimum": 0,
        "maximum": MOST_MEASURED,
        "description": "From the request to the last byte of the answer; leave it out where nobody measured it.",
    },
}
_OF_CRAWLS = {
    "url": {"type": "string", "description": "The absolute URL that was asked for."},
    "userAgent": {"type": "string", "description": "The user agent that asked."},
    "ip": {"type": "string", "description": "Its address; kept until the crawler's identity is decided."},
    "time": {
        "type": ["string", "number"],
        "description": "RFC 3339, Unix seconds or milliseconds, at most 366 days ago; now where it is absent.",
    },
    "status": {"type": "integer", "minimum": 100, "maximum": 599, "description": "The answer's HTTP status."},
    "method": {"type": "string", "description": "The request's method; other than GET and HEAD is no crawl."},
    "id": {
        "type": "string",
        "maxLength": 128,
        "description": "Makes a repetition harmless: per domain, an id counts once in 7 days.",
    },
    **_MEASURED,
}
_OF_REFERRALS = {
    "url": {"type": "string", "description": "The absolute URL of the page that somebody came to."},
    "referer": {"type": ["string", "null"], "description": "The page they came from."},
    **_MEASURED,
}

_OF_RENDER = (
    "invalid_request",
    "invalid_api_key",
    "domain_not_authorized",
    "method_not_allowed",
    "rate_limit_exceeded",
)
_ANYWHERE = [code for code in _REASONS if STATUS_OF_CODE[code] != 403]


def router() -> APIRouter:
    """The route."""
    routes = APIRouter()
    described = msgspec.json.encode(description())

    @routes.get("/openapi.json")
    async def openapi() -> Response:
        return Response(described, media_type="application/json")

    return routes


def description() -> Json:
    """The OpenAPI document."""
    (document, queued, recached, readiness), components = msgspec.json.schema_components(
        [Document, purge.Queued, recache.Recached, Readiness], ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Crawlight",
            "version": __version__,
            "description": "Per-bot crawl analytics and prerender cache control.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            export.PATH: {"post": _export(document)},
            purge.PATH: {"post": _purge(queued)},
            recache.PATH: {"post": _recache(recached)},
            described_render.PATH: {"get": described_render.described(dict(map(_refusal, _OF_RENDER)))},
            "/v1/event/crawl": {"post": _crawl_event()},
            "/v1/event/referral": {"post": _referral_event()},
            "/healthz": {"get": _operator("Is the process alive?", {"200": _json("It is.", _STATUS)})},
            "/readyz": {"get": _operator("Can it do its work?", _ready(readiness))},
            "/metrics": {
                "get": _operator(
                    "Numbers for Prometheus.",
                    {"200": _text("Prometheus text format.")},
                )
            },
        },
        "components": {
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "hado_sk_ and 48 hexadecimal digits.",
                },
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


_EXAMPLE = Document(
    generated_at="2026-06-29T12:00:00.000Z",
    period="1d",
    user_id="7d1f5c1e-5f0a-4b0e-9a57-0c1d2e3f4a5b",
    domain_count=1,
    domains=[
        DomainReport(
            domain="example.com",
            domain_id="0b9a3c52-8c1d-4e6f-9a2b-3c4d5e6f7a8b",
            role="owner",
            summary=summary(crawls=61, hits=50, misses=9, prerenders=12),
            bot_totals=BotTotals(*_COUNTS),
            bot_series=[BotDay("2026-06-29", *_COUNTS)],
            top_pages=[TopPage("https://example.com/blog/launch", 92, 1, 24)],
            seo=SeoState(good=120, needs_work=18, poor=4, unknown=9, total_pages=151, total_issues=47),
        )
    ],
)

_STATUS: Json = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}

_ERROR: Json = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "enum": list(STATUS_OF_CODE)},
        **{name: {"type": "integer", "description": text} for name, text in _QUOTA.items()},
        "requestId": {"type": "string"},
        "index": {"type": "integer", "description": "Place of the malformed entry in the body, from 0."},
        "reason": {"type": "string", "description": "What is wrong with that entry."},
    },
    "required": ["error"],
    "additionalProperties": False,
}


def _export(document: Json) -> Json:
    return _keyed(
        "export-user-analytics",
        "Analytics of every domain of the account, each bot under its own key.",
        {
            "type": "object",
            "properties": {"period": {"type": "string", "enum": list(PERIODS), "default": "30d"}},
        },
        False,
        _json("The document.", document, _RATE_HEADERS, msgspec.to_builtins(_EXAMPLE)),
        "plan_upgrade_required",
    )


def _purge(queued: Json) -> Json:
    domain = {"type": "string", "description": "Host name, with or without www."}
    path = {
        "type": "string",
        "pattern": "^/",
        "maxLength": 2048,
        "description": "Path of the page, with its query.",
    }
    return _keyed(
        "purge-cache",
        "Mark a page for an immediate re-render; its snapshot is served until the new one is there.",
        {"type": "object", "properties": {"domain": domain, "path": path}, "required": ["domain", "path"]},
        True,
        _json("The page is marked.", queued, _RATE_HEADERS),
        "domain_not_authorized",
    )


def _recache(recached: Json) -> Json:
    described = _keyed(
        "recache",
        "Mark pages for an immediate re-render, as clients of Prerender.io do; one call of the month for all of them.",
        recache.BODY,
        True,
        _json("The pages are marked.", recached, _RATE_HEADERS),
        "domain_not_authorized",
    )
    return described | {"security": []}


def _crawl_event() -> Json:
    entry = {"type": "object", "properties": _OF_CRAWLS, "required": ["url", "userAgent"]}
    counts = {
        "accepted": {"type": "integer", "description": "Crawls that are on disk."},
        "ignored": {"type": "integer", "description": "Entries that are no crawl of a managed page."},
    }
    return _event(
        "event-crawl",
        "Report crawls that a server answered, one or up to 1,000 in an array.",
        {"oneOf": [entry, {"type": "array", "items": entry, "maxItems": 1000}]},
        {"202": _json("What was taken.", {"type": "object", "properties": counts}, _RATE_HEADERS)},
    )


def _referral_event() -> Json:
    return _event(
        "event-referral",
        "Report a visit. It is counted where an AI assistant sent it; nothing about the visitor is kept.",
        {"type": "object", "properties": _OF_REFERRALS, "required": ["url"]},
        {"204": {"description": "Done."}, **dict([_refusal("domain_not_authorized")])},
    )


def _event(name: str, title: str, body: Json, answers: Json) -> Json:
    return {
        "operationId": name,
        "summary": title,
        "tags": ["API"],
        "security": [{"key": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {**answers, **dict(map(_refusal, _ANYWHERE))},
    }


def _keyed(name: str, title: str, body: Json, required: bool, answer: Json, forbidden: str) -> Json:
    return {
        "operationId": name,
        "summary": title,
        "tags": ["API"],
        "security": [{"key": []}],
        "requestBody": {"required": required, "content": {"application/json": {"schema": body}}},
        "responses": {"200": answer, **dict(map(_refusal, (*_ANYWHERE, forbidden)))},
    }


def _refusal(code: str) -> tuple[str, Json]:
    schema, error = {"$ref": "#/components/schemas/Error"}, CrawlightError(code)
    headers = _RETRY_HEADERS if error.retryable else None
    return str(error.status), _json(f"{code}: {_REASONS[code]}", schema, headers, example={"error": code})


def _operator(title: str, responses: Json) -> Json:
    return {"summary": title, "tags": ["Operators"], "responses": responses}


def _ready(readiness: Json) -> Json:
    return {"200": _json("It can.", readiness), "503": _json("It cannot: the checks say why.", readiness)}


def _json(text: str, schema: Json, headers: Mapping[str, str] | None = None, example: object = None) -> Json:
    content: Json = {"schema": schema} if example is None else {"schema": schema, "example": example}
    answer: Json = {"description": text, "content": {"application/json": content}}
    if headers:
        answer["headers"] = {
            name: {"description": what, "schema": {"type": "integer"}} for name, what in headers.items()
        }
    return answer


def _text(text: str) -> Json:
    return {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
