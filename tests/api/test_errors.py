"""Whatever store is away, callers are told to come again, in one form."""

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.exc import InterfaceError, OperationalError

from crawlight.api import errors
from crawlight.errors import CrawlightError
from crawlight.events.store import StoreError
from crawlight.rendering.bodies import SnapshotStoreError

pytestmark = pytest.mark.anyio


async def no_page(_request: Request, _error: CrawlightError) -> None:
    return None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreError("refused"), "events store away"),
        (SnapshotStoreError("refused"), "snapshot store away"),
        (OperationalError("SELECT 1", None, OSError("refused")), "database away"),
        (InterfaceError("SELECT 1", None, OSError("refused")), "database away"),
    ],
)
async def test_a_store_that_is_away_is_a_503(error: Exception, reason: str) -> None:
    app = FastAPI()
    errors.install(app, no_page)

    @app.get("/")
    async def ask() -> None:
        raise error

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert answer.headers["x-crawlight-reason"] == reason
    assert answer.headers["retry-after"] == "5"


def test_what_a_router_refuses_has_a_code_of_the_list() -> None:
    assert [CrawlightError.of_status(status).code for status in (400, 404, 405, 422)] == [
        "invalid_request",
        "not_found",
        "method_not_allowed",
        "invalid_request",
    ]


def test_reasons_are_ascii() -> None:
    error = CrawlightError("invalid_request", "no page: é", headers={"Allow": "GET"})
    assert error.headers_with_reason() == {"Allow": "GET", "x-crawlight-reason": "no page: \\xe9"}
    assert error.headers == {"Allow": "GET"}
