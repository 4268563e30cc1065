"""``/docs``: the API reference, made of the same description as ``/openapi.json``."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.dashboard import frame
from crawlight.dashboard.visits import MaybeSignedIn

Json = Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """One status of an operation."""

    status: str
    description: str
    example: str


class Operation(msgspec.Struct, frozen=True):
    """One method of one path, as the page shows it."""

    method: str
    path: str
    summary: str
    keyed: bool
    members: list[tuple[str, str, bool]]
    """Members of the request body: name, what they hold, whether they are required."""
    answers: list[Answer]


def router(description: Callable[[], Json]) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/docs")
    async def reference(request: Request, visit: MaybeSignedIn) -> Response:
        values = {"title": "API", "operations": list(_operations(description())), "visit": visit}
        return await frame.page(request, "reference.html", values)

    return routes


def _operations(description: Json) -> Iterator[Operation]:
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told["summary"],
                keyed="security" in told,
                members=_members(told),
                answers=[_answer(status, answer) for status, answer in told["responses"].items()],
            )


def _members(operation: Json) -> list[tuple[str, str, bool]]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    body = body["oneOf"][0] if "oneOf" in body else body
    required = body.get("required", ())
    return [(name, _meaning(schema), name in required) for name, schema in body.get("properties", {}).items()]


def _meaning(schema: Json) -> str:
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}; default {schema['default']}"
    return str(schema["description"])


def _answer(status: str, answer: Json) -> Answer:
    example = answer.get("content", {}).get("application/json", {}).get("example")
    text = msgspec.json.format(msgspec.json.encode(example), indent=2).decode() if example else ""
    return Answer(status, answer["description"], text)
