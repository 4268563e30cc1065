"""``/openapi.json``: the whole API described, the document's schema taken from the structs that make it."""

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI

from crawlight import __version__
from crawlight.analytics.document import Document
from crawlight.api import export, purge
from crawlight.api.health import Readiness
from crawlight.errors import STATUS_OF_CODE
from crawlight.kit.periods import PERIODS

Json = dict[str, Any]

_RATE_HEADERS = {
    "RateLimit-Limit": "Calls that the account may make in a minute.",
    "RateLimit-Remaining": "Calls left in this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}
_QUOTA = {"usage": "Calls used this month.", "limit": "Calls that the account may make in a month (UTC)."}

_REASONS = {
    400: "The request is malformed; the header x-crawlight-reason says in which way.",
    401: "The key is missing, malformed, unknown or revoked: one answer for all.",
    403: "The plan does not include this, or the account may not manage this domain.",
    405: "Another method is needed: see the header Allow.",
    413: "The body is larger than 64 KiB.",
    429: "The minute's or the month's calls are used up; Retry-After says when to come back.",
    500: "A fault of the server; its log holds the requestId.",
    503: "A store is away; try again after Retry-After seconds.",
}


def install(app: FastAPI) -> None:
    """Make the app answer this description."""
    app.openapi = _once(app)  # type: ignore[method-assign]


def _once(app: FastAPI) -> Callable[[], Json]:
    described: Json = {}

    def openapi() -> Json:
        if not described:
            described.update(description())
        return described

    return openapi


def description() -> Json:
    """The OpenAPI document."""
    (document, queued, readiness), components = msgspec.json.schema_components(
        [Document, purge.Queued, Readiness], ref_template="#/components/schemas/{name}"
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
            "/healthz": {"get": _operator("Is the process alive?", {"200": _json("It is.", _STATUS)})},
            "/readyz": {"get": _operator("Can it do its work?", _ready(readiness))},
            "/metrics": {
                "get": _operator("Numbers for Prometheus.", {"200": _text("Prometheus text format.")})
            },
        },
        "components": {
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "hado_sk_ and 48 hexadecimal digits.",
                }
            },
        },
    }


_STATUS: Json = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}

_ERROR: Json = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "enum": list(STATUS_OF_CODE)},
        **{name: {"type": "integer", "description": text} for name, text in _QUOTA.items()},
        "requestId": {"type": "string"},
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
        _json("The document.", document, _RATE_HEADERS),
        [400, 401, 403, 405, 413, 429, 500, 503],
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
        [400, 401, 403, 405, 413, 429, 500, 503],
    )


def _keyed(name: str, summary: str, body: Json, required: bool, answer: Json, refusals: list[int]) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["API"],
        "security": [{"key": []}],
        "requestBody": {"required": required, "content": {"application/json": {"schema": body}}},
        "responses": {"200": answer, **{str(status): _refusal(status) for status in refusals}},
    }


def _refusal(status: int) -> Json:
    codes = [code for code, its_status in STATUS_OF_CODE.items() if its_status == status]
    schema = {"$ref": "#/components/schemas/Error"}
    return _json(f"{_REASONS[status]} Codes: {', '.join(codes)}.", schema)


def _operator(summary: str, responses: Json) -> Json:
    return {"summary": summary, "tags": ["Operators"], "responses": responses}


def _ready(readiness: Json) -> Json:
    return {"200": _json("It can.", readiness), "503": _json("It cannot: the checks say why.", readiness)}


def _json(text: str, schema: Json, headers: dict[str, str] | None = None) -> Json:
    answer: Json = {"description": text, "content": {"application/json": {"schema": schema}}}
    if headers:
        answer["headers"] = {
            name: {"description": what, "schema": {"type": "integer"}} for name, what in headers.items()
        }
    return answer


def _text(text: str) -> Json:
    return {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
