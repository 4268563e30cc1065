"""What is decided for a crawler without any wire, on real stores: every decision is on disk once."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crawlight.accounts.people import create_account
from crawlight.bots.identity import Identity
from crawlight.bots.lists import load_ranges
from crawlight.bots.signatures import Signatures
from crawlight.crawls.crawl import Record
from crawlight.crawls.crowding import Crowds
from crawlight.crawls.recorder import Recorder
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains.agents import AgentSettings
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.domains.signals import Signals
from crawlight.domains.sites import Site, load_sites
from crawlight.edge.decide import Decider
from crawlight.edge.decision import Decision, File, Nothing, PageRequest, Redirect, Snapshot
from crawlight.edge.files import Files
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS
from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON
from tests.kit.test_confined import MANY_COPIES

pytestmark = pytest.mark.anyio

CURL = "curl/8.5.0"
ELSEWHERE = "https://example.com/new?a=<b>"
PAGES = {
    "/page": NewSnapshot(
        status=200, html=b"<p>page</p>", raw_html=b"", headers={"x-robots-tag": "noarchive"}
    ),
    "/gone": NewSnapshot(status=404, html=b"<p>gone</p>", raw_html=b""),
    "/old": NewSnapshot(status=301, html=b"", raw_html=b"", location=ELSEWHERE),
    "/moved": NewSnapshot(status=301, html=b"", raw_html=b"", location="https://example.com/page?a=1#b"),
    "/moved/": NewSnapshot(status=301, html=b"", raw_html=b"", location="https://example.com/"),
    "/": NewSnapshot(status=200, html=b"<main><h1>Home</h1></main>", raw_html=b""),
    "/hostile": NewSnapshot(status=200, html=MANY_COPIES.encode(), raw_html=b""),
    "/secret/page": NewSnapshot(status=200, html=b"<p>secret</p>", raw_html=b""),
}


@dataclass
class House:
    """A decider, the site that it decides for, and the spool that it writes to."""

    decider: Decider
    recorder: Recorder
    spool: Spool
    site: Site
    snapshots: Snapshots

    async def decide(
        self, path: str, agent: str = GOOGLEBOT, told: str = GOOGLE, **members: object
    ) -> Decision:
        request = PageRequest(f"https://example.com{path}", path, agent, told, **members)  # type: ignore[arg-type]
        return await self.decider.decide(self.site, request)

    async def recorded(self) -> list[Record]:
        await self.recorder.hand_over()
        return [one for name, _ in self.spool.recorded() for one in self.spool.read_recorded(name).records]


@pytest.fixture
async def house(tmp_path: Path, anyio_backend: str) -> AsyncIterator[House]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/crawlight.sqlite")
    await create_account(database, DEFAULT_PLANS, "a@example.com", plan="pro")
    domain = await add_domain(database, "example.com", "a@example.com")
    await change_settings(database, domain.id, blocked_paths=["/secret/*"])
    snapshots = Snapshots(database, Bodies(f"file://{tmp_path}/snapshots"))
    for path, page in PAGES.items():
        await snapshots.put(domain.id, path, page)
    spool = Spool(tmp_path / "spool")
    prerenderer, recorder = Prerenderer(database, snapshots, wait_seconds=0), Recorder(spool)
    identity = Identity(load_ranges(tmp_path / "bots"), fresh_for=timedelta.max)
    decider = Decider(prerenderer, recorder, identity, Signatures(), Crowds(spool.folder), Files(database))
    yield House(decider, recorder, spool, (await load_sites(database))[domain.id], snapshots)
    await prerenderer.close()
    await recorder.close()
    await database.close()


def summary(record: Record) -> tuple[str, str, str, int, str]:
    return record.kind, record.path, record.outcome, record.status, record.identity


async def test_a_page_comes_as_it_is_sent(house: House) -> None:
    page = await house.decide("/page", accept_encoding=b"gzip")
    assert isinstance(page, Snapshot)
    assert (page.outcome, page.reason, page.status, page.encoding) == ("hit", "fresh", 200, "gzip")
    assert gzip.decompress(page.body) == b"<p>page</p>"
    assert page.headers == {"x-robots-tag": "noarchive", "x-crawlight-age": page.headers["x-crawlight-age"]}
    assert 0 <= int(page.headers["x-crawlight-age"]) < 600
    assert page.fresh_for > 0
    plain = await house.decide("/page")
    assert isinstance(plain, Snapshot)
    assert (plain.encoding, plain.body) == ("identity", b"<p>page</p>")
    gone = await house.decide("/gone")
    assert isinstance(gone, Snapshot)
    assert (gone.status, gone.body) == (404, b"<p>gone</p>")
    assert list(map(summary, await house.recorded())) == [
        ("crawl", "/page", "hit", 200, "verified"),
        ("crawl", "/page", "hit", 200, "verified"),
        ("crawl", "/gone", "hit", 404, "verified"),
    ]


async def test_a_redirect_is_one_only_where_it_reaches_the_crawler(house: House) -> None:
    redirect = await house.decide("/old")
    assert isinstance(redirect, Redirect)
    assert (redirect.outcome, redirect.status, redirect.location) == ("redirect", 301, ELSEWHERE)
    page = await house.decide("/old", follows=False, accept_encoding=b"gzip")
    assert isinstance(page, Snapshot)
    assert (page.outcome, page.status, page.encoding) == ("redirect", 200, None)
    assert b'<a href="https://example.com/new?a=&lt;b&gt;">' in page.body
    assert [(one.outcome, one.status) for one in await house.recorded()] == [
        ("redirect", 301),
        ("redirect", 200),
    ]


@pytest.mark.parametrize(
    ("path", "members", "decision", "record"),
    [
        ("/page", {"agent": PERSON}, Nothing("not_a_crawler"), None),
        ("/app.js", {}, Nothing("asset"), None),
        ("/page", {"agent": CURL}, Nothing("library"), ("library", "/page", "none", 0, "none")),
        ("/robots.txt", {}, Nothing("robots"), ("robots", "/robots.txt", "none", 0, "verified")),
        (
            "/page",
            {"told": "9.9.9.9"},
            Nothing("spoofed", "passthrough"),
            ("crawl", "/page", "passthrough", 0, "spoofed"),
        ),
        (
            "/page",
            {"passthrough": True},
            Nothing("passthrough_mode", "passthrough"),
            ("crawl", "/page", "passthrough", 0, "verified"),
        ),
        (
            "/secret/page",
            {},
            Nothing("blocked_path", "blocked"),
            ("crawl", "/secret/page", "blocked", 0, "verified"),
        ),
        ("/cold", {}, Nothing("too_late", "miss"), ("crawl", "/cold", "miss", 0, "verified")),
    ],
)
async def test_who_gets_nothing_and_why(
    house: House, path: str, members: dict[str, object], decision: Nothing, record: tuple[object, ...] | None
) -> None:
    assert await house.decide(path, **members) == decision  # type: ignore[arg-type]
    assert list(map(summary, await house.recorded())) == ([record] if record else [])


async def test_a_spool_that_takes_nothing_keeps_no_crawler_from_its_page(house: House) -> None:
    aside = house.spool.folder.with_name("aside")
    house.spool.folder.rename(aside)
    page = await house.decide("/page")
    assert isinstance(page, Snapshot)
    assert (page.outcome, page.reason, page.body) == ("hit", "fresh; not_recorded", b"<p>page</p>")
    assert house.decider.unrecorded == 1
    aside.rename(house.spool.folder)


PREFERS = {"accept": b"text/markdown, text/html, */*"}
PAGE = b'---\ncanonical: "https://example.com/page"\n---\n\npage\n'


async def test_markdown_goes_to_who_prefers_it_or_asks_for_it_by_name(house: House) -> None:
    asked = [("/page", PREFERS), ("/page.md", {}), ("/page.md", {"accept_encoding": b"gzip"})]
    plain, named, packed = [await house.decide(path, **members) for path, members in asked]  # type: ignore[arg-type]
    assert isinstance(plain, Snapshot)
    assert isinstance(packed, Snapshot)
    assert isinstance(named, Snapshot)
    assert (named.format, named.body, named.link) == (plain.format, plain.body, plain.link)
    assert (plain.format, plain.status, plain.encoding, plain.body) == ("markdown", 200, "identity", PAGE)
    assert (plain.link, plain.tokens) == ("https://example.com/page", -(-len(PAGE) // 4))
    assert (packed.encoding, gzip.decompress(packed.body)) == ("gzip", PAGE)
    html = await house.decide("/page", accept=b"text/html, text/markdown;q=0.5")
    assert isinstance(html, Snapshot)
    assert (html.format, html.body, html.link) == ("html", b"<p>page</p>", "https://example.com/page.md")
    told = [
        (one.path, one.status, one.format, one.asked_markdown, one.bytes) for one in await house.recorded()
    ]
    assert told == [
        ("/page", 200, "markdown", True, len(PAGE)),
        ("/page", 200, "markdown", True, len(PAGE)),
        ("/page", 200, "markdown", True, len(packed.body)),
        ("/page", 200, "html", False, len(b"<p>page</p>")),
    ]


async def test_the_markdown_of_folders_has_a_name(house: House) -> None:
    for path in ("/index.md", "/index.html.md"):
        home = await house.decide(path)
        assert isinstance(home, Snapshot)
        assert b"# Home" in home.body
    html = await house.decide("/")
    assert isinstance(html, Snapshot)
    assert html.link == "https://example.com/index.md"


async def test_a_redirect_leads_to_markdown_who_asked_for_it_by_name(house: House) -> None:
    found = [await house.decide(path) for path in ("/moved.md", "/moved/index.md", "/old.md")]
    assert [one.location for one in found if isinstance(one, Redirect)] == [
        "https://example.com/page.md?a=1",
        "https://example.com/index.md",
        "https://example.com/new.md?a=<b>",
    ]
    preferred = await house.decide("/moved", **PREFERS)  # type: ignore[arg-type]
    assert isinstance(preferred, Redirect)
    assert preferred.location == "https://example.com/page?a=1#b"


async def test_where_there_is_no_markdown_the_html_is_sent_or_the_site_answers(house: House) -> None:
    html = await house.decide("/hostile", **PREFERS)  # type: ignore[arg-type]
    assert isinstance(html, Snapshot)
    assert (html.format, html.body) == ("html", MANY_COPIES.encode())
    assert await house.decide("/hostile.md") == Nothing("no_markdown", "hit")
    assert await house.decide("/gone.md") == Nothing("no_markdown", "hit")
    assert await house.decide("/cold.md") == Nothing("too_late", "miss")
    assert await house.decide("/secret/page.md") == Nothing("blocked_path", "blocked")
    assert await house.decide("/page.md", agent=PERSON) == Nothing("not_a_crawler")
    told = [(one.path, one.format, one.asked_markdown) for one in await house.recorded()]
    assert told == [
        ("/hostile", "html", True),
        *((path, "none", True) for path in ("/hostile.md", "/gone.md", "/cold.md", "/secret/page.md")),
    ]


async def test_markdown_is_off_for_a_domain_or_an_agent(house: House) -> None:
    for agents in (AgentSettings(markdown=False), AgentSettings(no_markdown_for=("Googlebot",))):
        house.site.agents = agents
        page = await house.decide("/page", **PREFERS)
        assert isinstance(page, Snapshot)
        assert (page.format, page.link) == ("html", "")
        assert isinstance(await house.decide("/page.md"), Nothing)
    asked = [(one.path, one.asked_markdown, one.format) for one in await house.recorded()]
    assert asked == [("/page", True, "html"), ("/page.md", False, "none")] * 2
    other = await house.decide("/page", "CCBot/2.0", "", **PREFERS)
    assert isinstance(other, Snapshot)
    assert other.format == "markdown"


async def test_signals_are_headers_of_both_formats_and_nothing_unless_chosen(house: House) -> None:
    for members in ({}, PREFERS):
        page = await house.decide("/page", **members)
        assert isinstance(page, Snapshot)
        assert not set(page.headers) & {"content-signal", "content-usage"}
    house.site.signals = Signals(ai_train="no").headers
    for members in ({}, PREFERS):
        page = await house.decide("/page", **members)
        assert isinstance(page, Snapshot)
        assert page.headers["content-signal"] == "ai-train=no"
        assert page.headers["x-robots-tag"] == "noarchive"


async def test_the_key_file_of_indexnow_is_everybodys(house: House) -> None:
    key = "0123456789abcdef" * 2
    assert await house.decide(f"/{key}.txt") == Nothing("asset")
    house.site.agents = AgentSettings(indexnow_key=key)
    for agent in (GOOGLEBOT, PERSON, CURL):
        found = await house.decide(f"/{key}.txt", agent)
        assert isinstance(found, File)
        assert (found.status, found.body, found.outcome) == (200, key.encode(), "none")
        assert found.headers == {"content-type": "text/plain; charset=utf-8"}
        assert isinstance(await house.decide(f"/{key[::-1]}.txt", agent), Nothing)
    assert {record.kind for record in await house.recorded()} == {"library"}


CANONICAL = """<html><head><!-- <link rel="canonical" href="/page"> --><title>x</title>
<link href="{}" rel="canonical"></head><body><p>x</p></body></html>"""
GPTBOT = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"


@pytest.mark.parametrize(
    ("path", "href", "location"),
    [
        ("/other", "/page", "https://example.com/page"),
        ("/other", "https://www.example.com/page?utm_source=x#y", "https://example.com/page"),
        ("/page?color=red", "/page", "https://example.com/page"),
        ("/other", "/other", None),
        ("/other", "https://elsewhere.example/page", None),
        ("/other", "/gone", None),
        ("/other", "/moved", None),
        ("/other", "/unknown", None),
        ("/other", "/secret/page", None),
        ("/other", "/chain", None),
        ("/other", "http://[", None),
    ],
)
async def test_training_crawlers_are_led_to_the_canonical_page(
    house: House, path: str, href: str, location: str | None
) -> None:
    pages = {path: href, "/chain": "/"}
    for one, named in pages.items():
        html = CANONICAL.format(named).encode()
        await house.snapshots.put(house.site.id, one, NewSnapshot(status=200, html=html, raw_html=b""))
    assert isinstance(await house.decide(path, GPTBOT, ""), Snapshot)  # Off unless chosen.
    house.site.agents = AgentSettings(canonical_redirects=True)
    found = await house.decide(path, GPTBOT, "")
    assert isinstance(found, Redirect) == bool(location)
    if isinstance(found, Redirect):
        assert (found.status, found.location, found.reason) == (301, location, "canonical")
        assert (await house.recorded())[-1].outcome == "redirect"
        named = await house.decide("/other.md", GPTBOT, "") if path == "/other" else found
        assert isinstance(named, Redirect)
        assert named.location == (f"{location}.md" if path == "/other" else location)
        page = await house.decide(path, GPTBOT, "", follows=False)
        assert isinstance(page, Snapshot)
        assert b'content="0;url=https://example.com/page"' in page.body
    for agent in (GOOGLEBOT, "ChatGPT-User/1.0"):
        assert isinstance(await house.decide(path, agent, ""), Snapshot)
