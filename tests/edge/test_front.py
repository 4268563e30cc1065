"""The front's door without Caddy: what it answers to a visitor's own request, and what it records."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crawlight.crawls.crawl import Record
from crawlight.domains.settings import change_settings
from crawlight.rendering.snapshots import NewSnapshot
from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON, Edge, rendering_edge

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def edge(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Edge]:
    """example.com is on the front, and / has a snapshot."""
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data", render_wait=1) as edge:
        await edge.services.edge.snapshots.put(
            edge.domain_id, "/", NewSnapshot(status=200, html=b"<h1>Home</h1>", raw_html=b"")
        )
        await change_settings(edge.services.database, edge.domain_id, front=True)
        yield edge


async def ask(edge: Edge, path: str = "/", host: str = "example.com", **headers: str) -> httpx2.Response:
    given = {"user-agent": GOOGLEBOT, "x-forwarded-for": GOOGLE, "accept-encoding": "identity"}
    transport = httpx2.ASGITransport(edge.services.edge.front_door)
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return await client.get(path, headers=given | named)


def last(edge: Edge) -> Record:
    return edge.seen[-1]


async def test_a_crawler_gets_the_page_and_is_recorded_as_verified(edge: Edge) -> None:
    answer = await ask(edge, "/?utm_source=x", "www.example.com:8080")
    assert (answer.status_code, answer.text) == (200, "<h1>Home</h1>")
    record = last(edge)
    assert (record.path, record.identity, record.outcome, record.source) == ("/", "verified", "hit", "proxy")


async def test_an_impostor_gets_the_origin(edge: Edge) -> None:
    assert (await ask(edge, x_forwarded_for="8.8.8.8")).status_code == 204
    assert (last(edge).identity, last(edge).outcome) == ("spoofed", "passthrough")


async def test_a_person_is_not_recorded_unless_an_assistant_sent_them(edge: Edge) -> None:
    before = len(edge.seen)
    assert (await ask(edge, user_agent=PERSON)).status_code == 204
    assert len(edge.seen) == before
    assert (await ask(edge, user_agent=PERSON, referer="https://chatgpt.com/")).status_code == 204
    assert (last(edge).kind, last(edge).agent, last(edge).path) == ("referral", "ChatGPT", "/")
    assert (await ask(edge, "/a?utm_source=perplexity", user_agent=PERSON)).status_code == 204
    assert (last(edge).kind, last(edge).agent, last(edge).path) == ("referral", "Perplexity", "/a")


async def test_what_only_we_may_say_is_not_believed(edge: Edge) -> None:
    answer = await ask(
        edge, x_hadoseo_client_ip="8.8.8.8", x_hadoseo_mode="passthrough", x_crawlight_nothing="404"
    )
    assert (answer.status_code, last(edge).identity) == (200, "verified")


@pytest.mark.parametrize("host", ["nobody.example", "sub.example.com", "example.com.", "EXAMPLE.COM", "[::1"])
async def test_only_hosts_on_the_front_are_answered(edge: Edge, host: str) -> None:
    status = (await _with_host(edge, host))["status"]
    assert status == (200 if host.lower().rstrip(".") == "example.com" else 204)


async def _with_host(edge: Edge, host: str) -> Any:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [
        (b"host", host.encode()),
        (b"user-agent", GOOGLEBOT.encode()),
        (b"x-forwarded-for", GOOGLE.encode()),
    ]
    scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": headers}
    await edge.services.edge.front_door(scope, None, send)
    return sent[0]


async def test_a_domain_that_is_off_the_front_is_not_answered(edge: Edge, tmp_path: Path) -> None:
    await change_settings(edge.services.database, edge.domain_id, front=False)
    assert (await ask(edge)).status_code == 204
    await change_settings(edge.services.database, edge.domain_id, front=True)
    assert (await ask(edge)).status_code == 200
