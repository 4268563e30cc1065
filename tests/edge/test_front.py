"""The front's door without Caddy: what it answers to a visitor's own request, and what it records."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crawlight.crawls.crawl import Record
from crawlight.database.tables import RoutingRules
from crawlight.domains.rule_lists import save_rules, written
from crawlight.domains.rules import Rule
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


@pytest.mark.parametrize(("path", "accept"), [("/", "text/markdown, text/html, */*"), ("/index.md", "*/*")])
async def test_agents_get_markdown_and_people_never_do(edge: Edge, path: str, accept: str) -> None:
    answer = await ask(edge, path, accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert "# Home" in answer.text
    assert (last(edge).format, last(edge).asked_markdown) == ("markdown", True)
    assert (await ask(edge, path, accept=accept, user_agent=PERSON)).status_code == 204


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


RULES = [
    Rule("/old", "/new", "301"),
    Rule("/r/*", "/:splat", "302"),
    Rule("/gone", "", "410"),
    Rule("/logo.png", "/logo.svg", "308"),
    Rule("/robots.txt", "/other.txt", "302"),
]


@pytest.fixture(scope="module")
async def ruled(edge: Edge) -> Edge:
    await save_rules(edge.services.database, edge.domain_id, "example.com", RULES)
    return edge


@pytest.mark.parametrize("agent", [GOOGLEBOT, PERSON, "curl/8.5.0"])
@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old?utm_source=a&b=%2F+", 301, "https://example.com/new?utm_source=a&b=%2F+"),
        ("/r//evil.example/x", 302, "https://example.com//evil.example/x"),
        ("/gone", 410, None),
        ("/logo.png", 308, "https://example.com/logo.svg"),
        ("/robots.txt", 302, "https://example.com/other.txt"),
    ],
)
async def test_rules_are_for_everybody(
    ruled: Edge, agent: str, path: str, status: int, location: str | None
) -> None:
    answer = await ask(ruled, path, user_agent=agent)
    assert (answer.status_code, answer.headers.get("location")) == (status, location)
    assert answer.headers["x-crawlight-reason"] == "rule"


async def test_a_crawl_that_meets_a_rule_is_recorded(ruled: Edge) -> None:
    await ask(ruled, "/old")
    assert (last(ruled).path, last(ruled).status, last(ruled).outcome) == ("/old", 301, "redirect")
    await ask(ruled, "/gone")
    assert (last(ruled).path, last(ruled).status, last(ruled).outcome) == ("/gone", 410, "hit")
    before = len(ruled.seen)
    await ask(ruled, "/old", user_agent=PERSON)
    await ask(ruled, "/logo.png")
    assert len(ruled.seen) == before


async def test_other_methods_meet_rules_and_are_never_recorded(ruled: Edge) -> None:
    before = len(ruled.seen)
    assert (await ask(ruled, "/logo.png", x_crawlight_method="POST")).status_code == 308
    assert (await ask(ruled, "/", x_crawlight_method="POST")).status_code == 204
    assert len(ruled.seen) == before


async def test_rules_are_those_of_the_render_endpoint_too(ruled: Edge) -> None:
    moved = await ruled.get("/old?a=b", headers={"x-crawlight-redirects": "manual"})
    assert (moved.status_code, moved.headers["location"]) == (301, "https://example.com/new?a=b")
    led = await ruled.get("/old")
    assert (led.status_code, "https://example.com/new" in led.text) == (200, True)
    assert (await ruled.get("/gone")).status_code == 410
    assert (await ruled.get("/old", headers={"x-hadoseo-mode": "passthrough"})).status_code == 204


async def test_a_proxied_path_has_the_content_of_another_site(ruled: Edge) -> None:
    """It stands on loopback here, which no rule may name: so this one goes past the check of rules."""
    ruled.page("/feed", "elsewhere")
    there = f"{ruled.origin.url}/feed"
    rows = [Rule("/feed.xml", there, "proxy"), Rule("/none", "http://192.0.2.1:1/", "proxy")]
    async with ruled.services.database.write() as session:
        (await session.get_one(RoutingRules, ruled.domain_id)).content = written(rows)
    for agent in (PERSON, GOOGLEBOT):
        answer = await ask(ruled, "/feed.xml", user_agent=agent, cookie="a=1")
        assert (answer.status_code, "elsewhere" in answer.text) == (200, True)
        assert answer.headers["content-type"].startswith("text/html")
        assert "set-cookie" not in answer.headers
    assert (await ask(ruled, "/feed.xml", x_crawlight_method="POST")).status_code == 204
    assert (await ask(ruled, "/none", user_agent=PERSON)).status_code == 204
