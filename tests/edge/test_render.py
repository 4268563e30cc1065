"""What crawlers get of ``GET /v1/render``: one server with a browser for all tests, a page of its own for each."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import time_machine
from aiohttp import web

from crawlight.accounts.keys import create_key, revoke_key
from crawlight.accounts.people import find_account
from crawlight.bots.signatures import WELL_KNOWN, Signatures
from crawlight.domains import wanted
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import PathRule, change_settings
from crawlight.kit.clock import now
from crawlight.kit.net import FetchError
from crawlight.kit.zstd import zstd
from crawlight.rendering.privacy import is_private
from tests.bots.conftest import from_here
from tests.bots.test_signatures import KEY, ORIGIN, directory, signed
from tests.edge.rendered import CCBOT, GOOGLEBOT, PERSON, Edge, rendering_edge, told
from tests.rendering.site import CONTENT

pytestmark = pytest.mark.anyio

SPOOFED = "9.9.9.9"


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data") as opened:
        yield opened


async def settle(edge: Edge) -> None:
    """Have the edge learn what was changed in the database."""
    await edge.services.edge.directory.look()


async def until(condition: object, what: str = "") -> None:
    """Wait for a condition, generously."""
    end = time.monotonic() + 60
    while True:
        found = condition()  # type: ignore[operator]
        if await found if asyncio.iscoroutine(found) else found:
            return
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)


async def at_rest(edge: Edge, path: str) -> None:
    """Wait until nobody has a page in hand."""

    async def settled() -> bool:
        state = await wanted.states(edge.services.database, [(edge.domain_id, path)])
        return not state[edge.domain_id, path].pending

    await until(settled)


async def test_a_cold_page_is_rendered_and_then_a_hit(edge: Edge) -> None:
    edge.origin.page(
        "/cold", f"<div id=root></div><script>root.innerHTML = `<h1>Ready</h1>{CONTENT}`</script>"
    )
    cold = await edge.get("/cold")
    assert told(cold) == (200, "miss", "rendered")
    assert "<h1>Ready</h1>" in cold.text
    assert "<script" not in cold.text
    assert cold.headers["content-type"] == "text/html; charset=utf-8"
    warm = await edge.get("/cold")
    assert told(warm) == (200, "hit", "fresh")
    assert warm.text == cold.text
    age = int(warm.headers["cache-control"].removeprefix("public, max-age="))
    assert 0 < age <= 3600
    assert edge.renders("/cold") == 1
    assert [(r.outcome, r.status, r.identity, r.agent, r.key) for r in edge.records("/cold")] == [
        ("miss", 200, "verified", "Googlebot", "googlebot"),
        ("hit", 200, "verified", "Googlebot", "googlebot"),
    ]
    (render,) = [r for r in edge.seen if r.path == "/cold" and r.kind == "render"]
    assert (render.status, render.bytes, render.format) == (200, len(cold.content), "html")
    assert render.milliseconds > 0


async def test_what_was_sent_is_in_the_record(edge: Edge) -> None:
    edge.page("/measured")
    plain = await edge.get(
        "/measured", headers={"accept-encoding": "identity", "accept": "text/markdown, */*"}
    )
    packed = await edge.get("/measured", headers={"accept-encoding": "gzip", "accept": "text/html, */*"})
    await edge.get("/measured", method="HEAD")
    await edge.get("/measured", headers={"x-hadoseo-mode": "passthrough"})
    told = [(r.bytes, r.format, r.asked_markdown) for r in edge.records("/measured")]
    assert told == [
        (len(plain.content), "markdown", True),
        (int(packed.headers["content-length"]), "html", False),
        (0, "none", False),
        (0, "none", False),
    ]
    assert [bool(r.milliseconds) for r in edge.records("/measured")] == [True, True, True, False]
    stored = await edge.services.edge.snapshots.get(edge.domain_id, "/measured")
    assert stored
    content = int(stored.snapshot.content_hash.hex()[:16], 16)
    assert [r.content for r in edge.records("/measured")] == [content, content, 0, 0]


async def test_the_stored_encodings_are_sent_as_they_are(edge: Edge) -> None:
    edge.page("/encoded")
    await edge.get("/encoded")
    plain = (await edge.get("/encoded", headers={"accept-encoding": "identity"})).content
    for accepted, encoding in (("gzip, br", "gzip"), ("br;q=1, zstd, gzip", "zstd"), ("gzip;q=0", None)):
        async with edge.client.stream(
            "GET",
            "/v1/render?url=https://example.com/encoded",
            headers={
                "x-api-key": edge.keys["owner"],
                "user-agent": CCBOT,
                "accept-encoding": accepted,
            },
        ) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "user-agent, accept, accept-encoding"
        assert int(answer.headers["content-length"]) == len(raw)
        unpack = {"gzip": gzip.decompress, "zstd": zstd.decompress, None: bytes}[encoding]
        assert unpack(raw) == plain


async def test_agents_get_markdown(edge: Edge) -> None:
    edge.page("/for-agents", "For agents", '<title>T</title><link rel="canonical" href="/for/agents">')
    html = await edge.get("/for-agents")
    assert (
        html.headers["link"] == '<https://example.com/for-agents.md>; rel="alternate"; type="text/markdown"'
    )
    accept = {"accept": "text/markdown, text/html, */*"}
    for path, headers in (("/for-agents", accept), ("/for-agents.md", {})):
        found = await edge.get(path, headers=headers)
        assert found.headers["content-type"] == "text/markdown; charset=utf-8"
        assert found.headers["vary"] == html.headers["vary"]
        assert found.headers["link"] == '<https://example.com/for/agents>; rel="canonical"'
        assert found.headers["x-robots-tag"] == "noindex"
        assert found.headers["cache-control"].startswith("private, max-age=")
        assert int(found.headers["x-markdown-tokens"]) == -(-len(found.text) // 4)
        assert "# For agents" in found.text
        assert told(found) == (200, "hit", "fresh")
    assert edge.renders("/for-agents") == 1
    assert edge.renders("/for-agents.md") == 0


async def test_head_is_the_same_without_body(edge: Edge) -> None:
    edge.page("/head")
    full = await edge.get("/head")
    head = await edge.get("/head", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert full.content


async def test_ten_at_once_for_a_cold_page_are_one_render(edge: Edge) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text=f"<title>x</title><h1>Slow</h1>{CONTENT}", content_type="text/html")

    edge.origin.pages["/stampede"] = slow
    answers = await asyncio.gather(*(edge.get("/stampede") for _ in range(10)))
    assert {told(one) for one in answers} == {(200, "miss", "rendered")}
    assert edge.renders("/stampede") == 1


async def test_six_dresses_of_a_url_are_one_page(edge: Edge) -> None:
    edge.page("/dressed")
    dresses = [
        "https://example.com/dressed?b=2&a=1",
        "https://www.example.com/dressed?a=1&b=2",
        "http://example.com:80/dressed?a=1&utm_source=x&b=2",
        "https://EXAMPLE.com/dressed?fbclid=abc&a=1&b=2#part",
        "https://example.com/./dressed?a=1&b=2&gclid=1",
        "https://example.com/%64ressed?b=2&a=1&UTM_Campaign=y",
    ]
    answers = await asyncio.gather(*(edge.get("", url=url) for url in dresses))
    assert [one.status_code for one in answers] == [200] * 6
    assert edge.renders("/dressed?a=1&b=2") == 1
    assert len(edge.records("/dressed?a=1&b=2")) == 6


async def test_a_url_that_was_not_encoded_reaches_to_the_end(edge: Edge) -> None:
    headers = {"x-api-key": edge.keys["owner"], "user-agent": CCBOT, "x-hadoseo-mode": "passthrough"}
    answer = await edge.client.get("/v1/render?url=https://example.com/plain?b=1&a=%202", headers=headers)
    assert answer.status_code == 204
    assert len(edge.records("/plain?a=%202&b=1")) == 1


async def test_nothing_can_be_told_by_another_status(edge: Edge) -> None:
    for asked, status in (("418", 418), ("200", 204), ("x", 204)):
        answer = await edge.get("/person", agent=PERSON, headers={"x-crawlight-nothing": asked})
        assert told(answer) == (status, "none", "not_a_crawler")


@pytest.mark.parametrize(
    ("path", "agent", "address", "expected", "recorded"),
    [
        ("/person", PERSON, "", (204, "none", "not_a_crawler"), []),
        ("/library", "curl/8.1", "", (204, "none", "library"), [("library", "none", "none", 0)]),
        ("/logo.png", GOOGLEBOT, "66.249.66.1", (204, "none", "asset"), []),
        (
            "/llms.txt",
            GOOGLEBOT,
            "66.249.66.1",
            (204, "none", "robots"),
            [("robots", "verified", "none", 0)],
        ),
        (
            "/spoofed",
            GOOGLEBOT,
            SPOOFED,
            (204, "passthrough", "spoofed"),
            [("crawl", "spoofed", "passthrough", 0)],
        ),
    ],
)
async def test_who_gets_nothing(
    edge: Edge,
    path: str,
    agent: str,
    address: str,
    expected: tuple[int, str, str],
    recorded: list[tuple[str, str, str, int]],
) -> None:
    answer = await edge.get(path, agent=agent, address=address)
    assert told(answer) == expected
    assert answer.content == b""
    assert [(r.kind, r.identity, r.outcome, r.status) for r in edge.records(path)] == recorded
    assert edge.renders(path) == 0


async def test_passthrough_mode_only_records(edge: Edge) -> None:
    answer = await edge.get("/recorded", headers={"x-hadoseo-mode": "passthrough"})
    assert told(answer) == (204, "passthrough", "passthrough_mode")
    assert [(r.outcome, r.identity) for r in edge.records("/recorded")] == [("passthrough", "verified")]
    assert edge.renders("/recorded") == 0


async def test_a_soft_404_is_a_404_and_a_blocked_path_is_not_rendered(edge: Edge) -> None:
    edge.page("/gone", "Nothing here", '<meta name="prerender-status-code" content="404">')
    assert told(await edge.get("/gone")) == (404, "miss", "rendered")
    again = await edge.get("/gone")
    assert told(again) == (404, "hit", "fresh")
    assert "Nothing here" in again.text
    await change_settings(edge.services.database, edge.domain_id, blocked_paths=["/private"])
    await settle(edge)
    blocked = await edge.get("/private/area")
    assert told(blocked) == (204, "blocked", "blocked_path")
    assert blocked.headers["x-hadoseo-robots"] == "noindex, nofollow"
    assert [r.outcome for r in edge.records("/private/area")] == ["blocked"]
    assert edge.renders("/private/area") == 0


async def test_a_redirect_is_sent_only_to_those_who_handle_it(edge: Edge) -> None:
    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/target?a=1&b=%22"})

    edge.origin.pages["/moved"] = moved
    cold = await edge.get("/moved")
    assert told(cold) == (200, "miss", "rendered")
    page = await edge.get("/moved")
    assert told(page) == (200, "redirect", "fresh")
    assert '<meta http-equiv="refresh" content="0;url=https://example.com/target?a=1&amp;b=%22">' in page.text
    assert '<link rel="canonical" href="https://example.com/target?a=1&amp;b=%22">' in page.text
    manual = await edge.get("/moved", headers={"x-crawlight-redirects": "manual"})
    assert told(manual) == (301, "redirect", "fresh")
    assert manual.headers["location"] == "https://example.com/target?a=1&b=%22"
    assert [r.status for r in edge.records("/moved")] == [200, 200, 301]


async def test_failures_are_204_and_never_stored(edge: Edge) -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500, text="<h1>Oops</h1>" + CONTENT, content_type="text/html")

    edge.origin.pages["/broken"] = broken
    assert told(await edge.get("/broken")) == (204, "miss", "upstream_5xx")
    assert told(await edge.get("/broken")) == (204, "miss", "upstream_5xx")
    assert edge.renders("/broken") == 1  # the second answer is remembered
    assert await edge.services.edge.snapshots.history(edge.domain_id, "/broken") == []
    assert [(r.outcome, r.status) for r in edge.records("/broken")] == [("miss", 0), ("miss", 0)]


async def test_a_fault_of_ours_fails_the_page_as_any_other(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(_: object) -> None:
        raise ValueError("no such thing")

    edge.page("/ours")
    monkeypatch.setattr(edge.services.renderer, "render", break_down)
    assert told(await edge.get("/ours")) == (204, "miss", "internal_error")
    key = (edge.domain_id, "/ours")
    while (state := (await wanted.states(edge.services.database, [key]))[key]).pending:
        await asyncio.sleep(0.01)
    assert state.failure == "internal_error"


def private_page(edge: Edge, path: str, said: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Cache-Control": said}
        return web.Response(text=f"<h1>{path}</h1>{CONTENT}", content_type="text/html", headers=headers)

    edge.origin.pages[path] = answer


async def test_what_the_origin_calls_private_is_handed_on_and_not_kept(edge: Edge) -> None:
    snapshots = edge.services.edge.snapshots
    edge.page("/mine")
    assert told(await edge.get("/mine")) == (200, "miss", "rendered")
    private_page(edge, "/mine", "private, no-cache, no-store, max-age=0")
    await purge(edge, "/mine")
    while (newest := await snapshots.get(edge.domain_id, "/mine")) is None or not newest.snapshot.withheld:
        await asyncio.sleep(0.01)
    for _ in range(2):
        page = await edge.get("/mine")
        assert told(page) == (200, "miss", "rendered")
        assert page.headers["cache-control"] == "private, no-store"
        assert "<h1>/mine</h1>" in page.text
    assert edge.renders("/mine") == 4
    (kept,) = await snapshots.history(edge.domain_id, "/mine")
    assert (kept.withheld, kept.size, await snapshots.raw(kept)) == (True, 0, b"")


async def test_private_pages_are_kept_where_their_owner_says_so(edge: Edge) -> None:
    private_page(edge, "/ours-all", "no-store")
    await change_settings(edge.services.database, edge.domain_id, private_pages="keep")
    await settle(edge)
    page = await edge.get("/ours-all")
    assert page.headers["cache-control"] == "public, max-age=3600"
    assert told(await edge.get("/ours-all")) == (200, "hit", "fresh")
    await change_settings(edge.services.database, edge.domain_id, private_pages="pass")
    await settle(edge)


@pytest.mark.parametrize(
    ("said", "private"),
    [
        ("private", True),
        ("max-age=0, No-Store", True),
        ('private="Set-Cookie", max-age=60', False),
        ("no-cache, must-revalidate, s-maxage=0", False),
        ('public, x="no-store"', False),
        ("", False),
    ],
)
def test_what_private_is(said: str, private: bool) -> None:
    assert is_private({"cache-control": said}) is private


async def test_a_page_that_failed_is_tried_again_when_a_setting_changes(edge: Edge) -> None:
    database = edge.services.database
    await change_settings(database, edge.domain_id, allowed_networks=[])
    await settle(edge)
    edge.page("/inner")
    for _ in range(2):
        assert told(await edge.get("/inner")) == (204, "miss", "blocked_address")
    await change_settings(database, edge.domain_id, allowed_networks=["127.0.0.0/8"])
    await settle(edge)
    assert told(await edge.get("/inner")) == (200, "miss", "rendered")


async def purge(edge: Edge, path: str) -> None:
    body = {"domain": "example.com", "path": path}
    headers = {"Authorization": f"Bearer {edge.keys['owner']}"}
    answer = await edge.client.post("/functions/v1/purge-cache", json=body, headers=headers)
    assert answer.status_code == 200


async def test_a_purge_renders_within_seconds_and_serves_the_old_one_meanwhile(edge: Edge) -> None:
    edge.page("/purged", "old")
    await edge.get("/purged")
    edge.page("/purged", "new")
    await purge(edge, "/purged")

    async def renewed() -> bool:
        answer = await edge.get("/purged")
        assert answer.status_code == 200
        return "<h1>new</h1>" in answer.text

    await until(renewed)
    edge.page("/warmed", "before anybody came")
    await purge(edge, "/warmed")
    await until(lambda: edge.services.edge.snapshots.peek(edge.domain_id, "/warmed"))
    assert told(await edge.get("/warmed")) == (200, "hit", "fresh")


async def test_a_stale_page_is_served_and_renewed(edge: Edge) -> None:
    edge.page("/stale", "old")
    await edge.get("/stale")
    await at_rest(edge, "/stale")
    edge.page("/stale", "new")
    with time_machine.travel(now() + timedelta(days=2), tick=True):
        stale = await edge.get("/stale")
        assert told(stale) == (200, "hit", "stale")
        assert stale.headers["cache-control"] == "public, max-age=0"
        assert "<h1>old</h1>" in stale.text

        async def renewed() -> bool:
            return "<h1>new</h1>" in (await edge.get("/stale")).text

        await until(renewed)


@pytest.mark.parametrize(("status", "after"), [(500, (200, "hit", "stale")), (404, (404, "hit", "fresh"))])
async def test_an_error_of_the_origin_replaces_no_good_page_but_a_404_does(
    edge: Edge, status: int, after: tuple[int, str, str]
) -> None:
    path = f"/then-{status}"
    edge.page(path, "good")
    await edge.get(path)
    await at_rest(edge, path)

    async def failing(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<h1>bad</h1>" + CONTENT, content_type="text/html")

    edge.origin.pages[path] = failing
    with time_machine.travel(now() + timedelta(days=2), tick=True):
        assert told(await edge.get(path)) == (200, "hit", "stale")
        await until(lambda: edge.renders(path) == 2)
        await at_rest(edge, path)
        assert told(await edge.get(path)) == after


@pytest.mark.parametrize("code", [403, 410])
async def test_a_page_that_says_it_is_refused_is_not_found(edge: Edge, code: int) -> None:
    edge.page(f"/says/{code}", head=f'<meta name="prerender-status-code" content="{code}">')
    assert told(await edge.get(f"/says/{code}")) == (404, "miss", "rendered")


async def test_crawlers_get_the_headers_that_a_page_gives_itself(edge: Edge) -> None:
    said = (
        "X-Demo: yes",
        "Cache-Control: no-store",
        "Set-Cookie: a=1",
        "Location: /x",
        "X-Crawlight-Reason: no",
    )
    metas = "".join(f'<meta name="prerender-header" content="{one}">' for one in said)
    edge.page("/headers", head=f"<title>Headers</title>{metas}")
    answer = await edge.get("/headers")
    assert told(answer) == (200, "miss", "rendered")
    assert answer.headers["x-demo"] == "yes"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert answer.headers.get_list("x-crawlight-reason") == ["rendered"]
    assert {"set-cookie", "location"}.isdisjoint(answer.headers)


async def test_freshness_goes_by_path(edge: Edge) -> None:
    await change_settings(edge.services.database, edge.domain_id, path_rules=[PathRule("/news/", 60)])
    await settle(edge)
    edge.page("/news/1")
    await edge.get("/news/1")
    with time_machine.travel(now() + timedelta(seconds=30), tick=True):
        assert told(await edge.get("/news/1")) == (200, "hit", "fresh")
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        assert told(await edge.get("/news/1")) == (200, "hit", "stale")


async def test_the_identity_policy_is_the_domains(edge: Edge) -> None:
    edge.page("/policy")
    await edge.get("/policy")
    await change_settings(edge.services.database, edge.domain_id, identity_policy="strict")
    await settle(edge)
    assert told(await edge.get("/policy", address="")) == (204, "passthrough", "unproven")
    assert told(await edge.get("/policy")) == (200, "hit", "fresh")
    await change_settings(edge.services.database, edge.domain_id, identity_policy="off")
    await settle(edge)
    assert told(await edge.get("/policy", address=SPOOFED)) == (200, "hit", "fresh")
    assert edge.records("/policy")[-1].identity == "spoofed"
    await change_settings(edge.services.database, edge.domain_id, identity_policy="standard")
    await settle(edge)
    assert told(await edge.get("/policy", address="")) == (200, "hit", "fresh")


async def test_ignored_parameters_make_no_page(edge: Edge) -> None:
    await change_settings(edge.services.database, edge.domain_id, ignored_parameters=["session"])
    await settle(edge)
    edge.page("/ignoring")
    await edge.get("/ignoring?session=1")
    assert told(await edge.get("/ignoring?session=2")) == (200, "hit", "fresh")
    assert edge.renders("/ignoring") == 1


@pytest.mark.parametrize(
    ("who", "status", "error"),
    [
        ("manager", 200, ""),
        ("viewer", 403, "domain_not_authorized"),
        ("stranger", 403, "domain_not_authorized"),
        ("", 401, "invalid_api_key"),
    ],
)
async def test_who_may_ask(edge: Edge, who: str, status: int, error: str) -> None:
    edge.page("/roles")
    answer = await edge.get("/roles", who)
    assert answer.status_code == status
    if error:
        assert answer.json() == {"error": error}
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-crawlight-outcome"] == "none"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?url=",
        "?url=/path",
        "?url=ftp%3A%2F%2Fexample.com",
        "?url=https%3A%2F%2Fa%3Ab%40example.com%2F",
        "?x=1",
    ],
)
async def test_a_bad_url_is_the_callers_mistake(edge: Edge, query: str) -> None:
    headers = {"authorization": f"Bearer {edge.keys['owner']}", "user-agent": GOOGLEBOT}
    answer = await edge.client.get(f"/v1/render{query}", headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert "url" in answer.headers["x-crawlight-reason"]
    assert int(answer.headers["ratelimit-limit"]) == 6000


async def test_other_methods_and_keys_are_refused(edge: Edge) -> None:
    answer = await edge.get("/", method="POST")
    assert (answer.status_code, answer.json()) == (405, {"error": "method_not_allowed"})
    assert answer.headers["allow"] == "GET, HEAD"
    for headers in (
        {"x-api-key": "hado_sk_" + "0" * 48},
        {"authorization": "Basic abc"},
        {"x-api-key": "\x00"},
    ):
        answer = await edge.get("/", "", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_api_key"})
    answer = await edge.get("/roles", "", headers={"x-api-key": edge.keys["owner"]})
    assert answer.status_code in (200, 204)


async def test_a_revoked_key_is_refused_by_every_process_that_looks(edge: Edge) -> None:
    database, plans = edge.services.database, edge.services.settings.plans
    account = await find_account(database, "owner@example.org")
    edge.keys["second"] = await create_key(database, plans, account.id, "second")
    await settle(edge)
    edge.page("/keyed")
    assert (await edge.get("/keyed", "second")).status_code == 200
    await revoke_key(database, edge.keys["second"])

    async def refused() -> bool:  # Nobody tells the edge: it looks by itself.
        return (await edge.get("/keyed", "second")).status_code == 401

    await until(refused)


async def test_a_crawl_is_in_the_export(edge: Edge) -> None:
    edge.page("/exported")
    await edge.get("/exported")
    await edge.get("/exported")

    async def counted() -> bool:
        document = json.loads(await edge.services.export("owner@example.org", "1d"))
        pages = {page["url"]: page["botTotal"] for page in document["domains"][0]["topPages"]}
        return pages.get("https://example.com/exported") == 2

    await until(counted)


async def test_a_signed_request_is_verified_and_a_forged_one_is_not(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keys(_: web.Request) -> web.Response:
        return web.Response(body=directory(KEY))

    async def fetch(url: str) -> bytes:  # The operator's directory is here instead of on the internet.
        assert url == ORIGIN + WELL_KNOWN
        return await from_here(edge.origin.url + WELL_KNOWN)

    edge.origin.pages[WELL_KNOWN] = keys
    monkeypatch.setattr(edge.services.edge.decider, "_signatures", Signatures(fetch=fetch))
    edge.page("/signed")
    url = "https://example.com/signed"
    good = await edge.get("/signed", agent=PERSON, address="", headers=signed(url=url))
    assert told(good)[:2] == (200, "miss")
    forged = await edge.get(
        "/signed", agent=PERSON, address="", headers=signed(url="https://other.example/signed")
    )
    assert told(forged) == (204, "passthrough", "spoofed")
    first, second = edge.records("/signed")
    assert (first.agent, first.key, first.identity) == ("ChatGPT Agent", "openaibot", "verified")
    assert (second.outcome, second.identity) == ("passthrough", "spoofed")


async def test_a_signature_that_decides_nothing_leaves_it_to_the_address(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def out_of_order(_: str) -> bytes:  # The operator's directory, which is on the internet.
        raise FetchError("status 503")

    monkeypatch.setattr(edge.services.edge.decider, "_signatures", Signatures(fetch=out_of_order))
    edge.page("/unsure")
    headers = signed(agent='"https://agent.bot.goog"', url="https://example.com/unsure")
    for address in ("74.125.232.1", "192.0.2.7"):
        assert (await edge.get("/unsure", agent=PERSON, address=address, headers=headers)).status_code == 200
    listed, other = edge.records("/unsure")
    assert (listed.agent, listed.identity) == ("Google-Agent", "verified")
    assert (other.agent, other.identity) == ("Google-Agent", "unchecked")


@pytest.mark.parametrize("status", [429, 503])
async def test_an_origin_that_asks_for_a_pause_gets_one(edge: Edge, status: int) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "3600"})

    database, waiting, other = edge.services.database, f"/warm-{status}", f"/other-{status}"
    edge.origin.pages[f"/busy-{status}"] = busy
    assert (await edge.get(f"/busy-{status}")).status_code == 204
    edge.page(waiting)
    edge.page(other)
    await wanted.want(database, edge.domain_id, [waiting], "warm")
    domain = await add_domain(database, f"of{status}.example", "owner@example.org", origin=edge.origin.url)
    await change_settings(database, domain.id, allowed_networks=["127.0.0.0/8"])
    await wanted.want(database, domain.id, [other], "warm")
    await until(lambda: edge.renders(other))  # It was asked for later, on a domain that needs no pause.
    assert edge.renders(waiting) == 0
    edge.page(f"/asked-{status}")
    assert (await edge.get(f"/asked-{status}")).status_code == 200  # A crawler waits, so it is tried.
    await until(lambda: edge.renders(waiting))  # The origin answers again.
