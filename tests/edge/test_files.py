"""Hosted files at the doors: who gets them, before what, and what is recorded."""

import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from crawlight.domains.hosting import host_text, leave_to_site
from crawlight.domains.robots_versions import versions
from crawlight.domains.rule_lists import save_rules
from crawlight.domains.rules import Rule
from crawlight.domains.settings import change_settings
from crawlight.edge import files
from crawlight.rendering.snapshots import NewSnapshot
from tests.edge.rendered import GOOGLEBOT, PERSON, Edge, rendering_edge, told
from tests.edge.test_front import ask

pytestmark = pytest.mark.anyio

TEXT = "User-agent: *\nDisallow: /ä\n"
SENT = (200, "none", "hosted_file")


@pytest.fixture(scope="module")
async def edge(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data", render_wait=1) as edge:
        await change_settings(edge.services.database, edge.domain_id, front=True)
        await host_text(edge.services.database, edge.domain_id, "robots.txt", TEXT)
        yield edge


@pytest.mark.parametrize("agent", [GOOGLEBOT, PERSON, "curl/8.5.0"])
async def test_everybody_gets_it_on_the_front(edge: Edge, agent: str) -> None:
    answer = await ask(edge, "/robots.txt?a=b", user_agent=agent)
    assert (*told(answer), answer.content.decode()) == (*SENT, TEXT)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"


async def test_it_is_sent_as_it_is_taken(edge: Edge) -> None:
    packed = await ask(edge, "/robots.txt", accept_encoding="br, gzip")
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", TEXT)
    plain = await ask(edge, "/robots.txt", accept_encoding="zstd")
    assert ("content-encoding" in plain.headers, plain.text) == (False, TEXT)
    assert plain.headers["vary"] == "accept-encoding"
    head = await _head(edge)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(TEXT) + 1))


async def _head(edge: Edge) -> httpx2.Response:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(edge.services.edge.front_door), base_url="http://example.com"
    ) as client:
        headers = {"user-agent": GOOGLEBOT, "accept-encoding": "identity", "x-crawlight-method": "HEAD"}
        return await client.head("/robots.txt", headers=headers)


async def test_a_crawl_of_it_knows_what_was_sent(edge: Edge) -> None:
    assert told(await edge.get("/robots.txt", headers={"accept-encoding": "gzip"})) == SENT
    record = edge.seen[-1]
    assert (record.kind, record.agent, record.status) == ("robots", "Googlebot", 200)
    assert gzip.decompress(gzip.compress(TEXT.encode(), mtime=0)).decode() == TEXT
    assert record.bytes == len(gzip.compress(TEXT.encode(), mtime=0))


async def test_a_worker_that_only_records_gets_nothing(edge: Edge) -> None:
    answer = await edge.get("/robots.txt", headers={"x-hadoseo-mode": "passthrough"})
    assert answer.status_code == 204


async def test_a_rule_for_the_very_path_goes_before_it_and_a_pattern_does_not(edge: Edge) -> None:
    database = edge.services.database
    await save_rules(database, edge.domain_id, "example.com", [Rule("/*", "/soon", "302")])
    assert told(await ask(edge, "/robots.txt")) == SENT
    assert (await ask(edge, "/else")).status_code == 302
    rules = [Rule("/*", "https://soon.example/", "302"), Rule("/robots.txt", "https://other.example/", "301")]
    await save_rules(database, edge.domain_id, "example.com", rules)
    assert (await ask(edge, "/robots.txt")).headers["location"] == "https://other.example/"
    await save_rules(database, edge.domain_id, "example.com", [])


async def test_a_change_is_sent_at_once_and_the_site_answers_again(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = edge.services.database
    monkeypatch.setattr(files, "MOST_HELD_BYTES", 1)  # Nothing stays in memory.
    await host_text(database, edge.domain_id, "robots.txt", "User-agent: *\nAllow: /\n")
    assert (await ask(edge, "/robots.txt")).text == "User-agent: *\nAllow: /\n"
    await leave_to_site(database, edge.domain_id, "robots.txt")
    assert told(await ask(edge, "/robots.txt")) == (204, "none", "robots")
    await host_text(database, edge.domain_id, "robots.txt", TEXT)
    assert (await ask(edge, "/robots.txt")).text == TEXT
    # What the site answers is a version, too, if somebody looked while it did.
    found = {one.number: one.in_force for one in await versions(database, edge.domain_id)}
    assert (found[1], found[2], sum(found.values())) == (True, False, 1)


async def test_an_origins_noindex_is_lifted_except_on_blocked_paths(edge: Edge) -> None:
    page = NewSnapshot(status=200, html=b"<p>x</p>", raw_html=b"", headers={"x-robots-tag": "noindex"})
    await edge.services.edge.snapshots.put(edge.domain_id, "/noindex", page)
    assert (await edge.get("/noindex")).headers["x-robots-tag"] == "noindex"
    database = edge.services.database
    await change_settings(database, edge.domain_id, robots_header="lift")
    assert "x-robots-tag" not in (await edge.get("/noindex")).headers
    markdown = await edge.get("/noindex", headers={"accept": "text/markdown"})
    assert markdown.headers["x-robots-tag"] == "noindex"  # That is ours.
    await change_settings(database, edge.domain_id, blocked_paths=["/noindex"])
    assert (await edge.get("/noindex")).headers["x-hadoseo-robots"] == "noindex, nofollow"
    await change_settings(database, edge.domain_id, robots_header="origin", blocked_paths=[])


async def test_it_goes_with_what_is_in_memory_where_the_database_is_away(edge: Edge) -> None:
    assert (await ask(edge, "/robots.txt")).text == TEXT
    site = edge.services.edge.directory.site("example.com")
    assert site is not None
    await edge.services.database._engine.dispose()
    assert (await ask(edge, "/robots.txt")).text == TEXT
