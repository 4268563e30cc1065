"""What middleware of Prerender.io gets: one server with a browser for all tests, a page of its own for each."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from aiohttp import web

from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.edge import own_answer
from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON, Edge, rendering_edge, told
from tests.rendering.site import never

pytestmark = pytest.mark.anyio

SPOOFED = "9.9.9.9"


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data") as opened:
        yield opened


async def ask(
    edge: Edge,
    path: str,
    who: str = "owner",
    *,
    agent: str = GOOGLEBOT,
    url: str = "https://example.com",
    method: str = "GET",
    **headers: str,
) -> httpx2.Response:
    """Ask as prerender-node does."""
    given = {
        "user-agent": agent,
        "x-prerender-token": edge.keys.get(who, who),
        "x-prerender-int-type": "Node",
        "accept-encoding": "gzip",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    return await edge.client.request(method, f"/{url}{path}", headers=given, timeout=60)


async def test_a_crawler_gets_the_snapshot_and_is_recorded_unchecked(edge: Edge) -> None:
    edge.page("/page", "The page")
    cold, warm = await ask(edge, "/page?x=1"), await ask(edge, "/page?x=1")
    assert (told(cold), told(warm)) == ((200, "miss", "rendered"), (200, "hit", "fresh"))
    assert "<h1>The page</h1>" in warm.text
    assert warm.headers["content-encoding"] == "gzip"
    assert warm.headers["content-type"] == "text/html; charset=utf-8"
    assert warm.headers["cache-control"].startswith("private, max-age=")
    assert not [name for name in warm.headers if name.startswith("ratelimit")]
    assert {record.identity for record in edge.records("/page?x=1")} == {"unchecked"}


async def test_a_forwarded_address_proves_or_refutes_and_nothing_else_that_a_visitor_says_does(
    edge: Edge,
) -> None:
    edge.page("/forwarded", "Forwarded")
    await ask(edge, "/forwarded", x_forwarded_for=f"192.0.2.1, {GOOGLE}")
    spoofed = await ask(
        edge, "/forwarded", x_forwarded_for=f"{GOOGLE}, {SPOOFED}", x_hadoseo_client_ip=GOOGLE
    )
    assert told(spoofed) == (200, "passthrough", "spoofed")
    assert "<script" not in spoofed.text
    assert "<h1>Forwarded</h1>" in spoofed.text
    passed = await ask(edge, "/forwarded", x_hadoseo_mode="passthrough", x_hadoseo_client_ip=GOOGLE)
    assert told(passed) == (200, "hit", "fresh")
    assert [r.identity for r in edge.records("/forwarded")] == ["verified", "spoofed", "unchecked"]


async def test_status_location_and_headers_of_the_snapshot(edge: Edge) -> None:
    head = (
        '<meta name="prerender-status-code" content="404">'
        '<meta name="prerender-header" content="X-Robots-Tag: noarchive">'
    )
    edge.page("/gone", "Gone", head)
    gone = await ask(edge, "/gone")
    assert (gone.status_code, gone.headers["x-robots-tag"]) == (404, "noarchive")

    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/page"})

    edge.origin.pages["/moved"] = moved
    for _ in range(2):
        answer = await ask(edge, "/moved")
        assert (answer.status_code, answer.headers["location"]) == (301, "https://example.com/page")


async def test_people_get_what_the_site_says(edge: Edge) -> None:
    async def own(request: web.Request) -> web.Response:
        assert "Crawlight" in request.headers["user-agent"]
        assert request.headers["x-prerender"] == "1"
        assert "x-prerender-token" not in request.headers
        headers = {"Cache-Control": "public, max-age=60", "Set-Cookie": "a=b", "Content-Language": "de"}
        return web.Response(text="<script>app()</script>", content_type="text/html", headers=headers)

    edge.origin.pages["/person"] = own
    answer = await ask(edge, "/person", agent=PERSON)
    assert told(answer) == (200, "none", "not_a_crawler")
    assert answer.text == "<script>app()</script>"
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["content-language"] == "de"
    assert "set-cookie" not in answer.headers


async def test_the_sites_redirects_are_handed_on_and_hops_to_the_same_page_followed(edge: Edge) -> None:
    async def own(request: web.Request) -> web.Response:
        if request.query_string == "away":
            return web.Response(status=302, headers={"Location": "/page"})
        if request.host != "www.example.com":
            return web.Response(status=301, headers={"Location": f"https://www.example.com{request.path_qs}"})
        return web.Response(text="here", content_type="text/html")

    edge.origin.pages["/own"] = own
    away = await ask(edge, "/own?away", agent=PERSON)
    assert (away.status_code, away.headers["location"]) == (302, "https://example.com/page")
    here = await ask(edge, "/own", agent=PERSON)
    assert (here.status_code, here.text) == (200, "here")


async def test_blocked_paths_are_the_sites_own_and_not_to_be_indexed(edge: Edge) -> None:
    edge.page("/private", "Private")
    await change_settings(edge.services.database, edge.domain_id, blocked_paths=["/private"])
    await edge.services.edge.directory.look()
    answer = await ask(edge, "/private")
    assert told(answer) == (200, "blocked", "blocked_path")
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


async def test_what_comes_too_late_is_the_sites_own(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge.services.edge.prerenderer, "_wait_seconds", 0.0)
    edge.page("/late", "Late")
    answer = await ask(edge, "/late")
    assert told(answer) == (200, "miss", "too_late")
    assert "<h1>Late</h1>" in answer.text


@pytest.mark.parametrize("status", [204, 500, 503])
async def test_no_204_and_no_5xx_even_where_the_site_answers_so(edge: Edge, status: int) -> None:
    async def own(_: web.Request) -> web.Response:
        return web.Response(status=status)

    edge.origin.pages[f"/{status}"] = own
    answer = await ask(edge, f"/{status}", agent=PERSON)
    assert answer.status_code == (200 if status == 204 else 429)
    assert status == 204 or int(answer.headers["retry-after"]) > 0


async def test_a_site_that_is_silent_or_not_allowed(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_answer, "SECONDS", 0.2)
    edge.origin.pages["/silent"] = never
    async with asyncio.timeout(10):
        silent = await ask(edge, "/silent", agent=PERSON)
    assert (silent.status_code, silent.headers["x-crawlight-reason"]) == (
        429,
        "not_a_crawler; site not reached",
    )
    with socket.create_server(("127.0.0.1", 0)) as inner:
        origin = f"http://127.0.0.1:{inner.getsockname()[1]}"
        await add_domain(edge.services.database, "inner.example", "owner@example.org", origin=origin)
        await edge.services.edge.directory.look()
        answer = await ask(edge, "/", url="https://inner.example", agent=PERSON)
        assert answer.status_code == 429
        inner.setblocking(False)
        with pytest.raises(BlockingIOError):
            inner.accept()


async def test_what_breaks_here_is_the_sites_own(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    edge.page("/broken", "Broken")
    monkeypatch.setattr(edge.services.edge.decider, "decide", broken)
    answer = await ask(edge, "/broken")
    assert told(answer) == (200, "none", "internal_error")
    assert "<h1>Broken</h1>" in answer.text


async def test_managers_may_ask_and_nobody_else(edge: Edge) -> None:
    edge.page("/whose", "Whose")
    asked = {who: (await ask(edge, "/whose", who)).status_code for who in (*edge.keys, "nobody", "")}
    expected = {"owner": 200, "manager": 200, "viewer": 403, "stranger": 403, "nobody": 401, "": 401}
    assert asked == expected
    # A visitor's own headers are no key, nor does a key open the way to other sites.
    other = await ask(edge, "/whose", "", authorization=f"Bearer {edge.keys['owner']}")
    assert (other.status_code, other.json()) == (401, {"error": "invalid_api_key"})
    for url in (
        "https://example.org",
        "https://example.com@example.org",
        "https://example.com%5C@example.org",
    ):
        assert (await ask(edge, "/", url=url)).status_code in (400, 403)


async def test_head_and_other_methods(edge: Edge) -> None:
    edge.page("/head", "Head")
    head = await ask(edge, "/head", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    post = await ask(edge, "/head", method="POST")
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD")


async def test_the_limit_is_that_of_the_render_endpoint(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge.services.edge.drop_in._minutes, "_limit", 0)
    answer = await ask(edge, "/limited")
    assert (answer.status_code, answer.json()) == (429, {"error": "rate_limit_exceeded"})
    assert int(answer.headers["retry-after"]) > 0


async def test_an_agent_whose_headers_are_forwarded_gets_markdown(edge: Edge) -> None:
    edge.page("/markdown", "As text")
    answer = await ask(edge, "/markdown", agent="Claude-User/1.0", accept="text/markdown, text/html, */*")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "# As text" in answer.text
    assert gzip.decompress(gzip.compress(answer.content)) == answer.content
