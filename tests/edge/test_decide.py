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
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import Site, load_sites
from crawlight.edge.decide import Decider
from crawlight.edge.decision import Decision, Nothing, PageRequest, Redirect, Snapshot
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS
from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON

pytestmark = pytest.mark.anyio

CURL = "curl/8.5.0"
ELSEWHERE = "https://example.com/new?a=<b>"
PAGES = {
    "/page": NewSnapshot(
        status=200, html=b"<p>page</p>", raw_html=b"", headers={"x-robots-tag": "noarchive"}
    ),
    "/gone": NewSnapshot(status=404, html=b"<p>gone</p>", raw_html=b""),
    "/old": NewSnapshot(status=301, html=b"", raw_html=b"", location=ELSEWHERE),
    "/secret/page": NewSnapshot(status=200, html=b"<p>secret</p>", raw_html=b""),
}


@dataclass
class House:
    """A decider, the site that it decides for, and the spool that it writes to."""

    decider: Decider
    recorder: Recorder
    spool: Spool
    site: Site

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
    decider = Decider(prerenderer, recorder, identity, Signatures(), Crowds(spool.folder))
    yield House(decider, recorder, spool, (await load_sites(database))[domain.id])
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
    assert page.headers == {"x-robots-tag": "noarchive"}
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
