"""A sitemap and an llms.txt made of pages: what is in them, what is left out and why, and when they change."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from crawlight.audit import PageInputs, audit
from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Page, PageAudit, PageText, Snapshot
from crawlight.domains import audits, page_texts, pages, robots_versions, sitemap_files
from crawlight.domains.agents import change_agents
from crawlight.domains.hosted import content_of
from crawlight.domains.hosting import host_text, hosted
from crawlight.domains.llms_file import Described
from crawlight.domains.llms_file import written as llms_written
from crawlight.domains.made_files import host_made, preview
from crawlight.domains.registry import add_domain
from crawlight.domains.rule_lists import save_rules
from crawlight.domains.rules import Rule
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import Site, load_sites
from crawlight.errors import UserError
from crawlight.kit.sitemaps import parse_sitemap
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.page_texts import MadeFiles
from crawlight.rendering.snapshots import NewSnapshot, Snapshots

pytestmark = pytest.mark.anyio

BODY = "<main><h1>{0}</h1><p>What is said about {0}, in words enough for a paragraph of its own.</p></main>"


@pytest.fixture
async def snapshots(database: Database, domain: Domain, tmp_path: Path) -> AsyncIterator[Snapshots]:
    opened = Snapshots(database, Bodies(f"file://{tmp_path}/snapshots"))
    yield opened
    await opened.close()


async def site(database: Database, domain: Domain) -> Site:
    return (await load_sites(database))[domain.id]


async def page(
    database: Database, snapshots: Snapshots, domain: Domain, path: str, text: str = "", head: str = ""
) -> None:
    """A page that was rendered and audited."""
    about = f'<title>Title of {path}</title><meta name="description" content="About {path}">{head}'
    html = f'<html lang="en"><head>{about}</head><body>{BODY.format(text or path)}</body></html>'.encode()
    await pages.learn(database, domain.id, [path])
    await snapshots.put(domain.id, path, NewSnapshot(status=200, html=html, raw_html=b""))
    inputs = PageInputs(url=f"https://example.com{path}", status=200, html=html.decode())
    await audits.record(database, domain.id, path, audit(inputs))


async def sent(database: Database, domain: Domain, path: str) -> str:
    content = await content_of(database, domain.id, path)
    assert content is not None
    return gzip.decompress(content.gzip).decode()


async def test_what_can_be_found_is_in_it_and_the_rest_is_told(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    for path in ("/", "/a?b=1&c=2", "/ä", "/moved", "/secret/x", "/kept/out", "/n?session=1"):
        await page(database, snapshots, domain, pages_path(path))
    await page(database, snapshots, domain, "/hidden", head='<meta name="robots" content="noindex">')
    other = '<link rel="canonical" href="https://example.com/">'
    await page(database, snapshots, domain, "/copy", head=other)
    await pages.learn(database, domain.id, ["/new", "/broken", "/gone", "/slow"])
    async with database.write() as session:
        await session.execute(update(Page).where(Page.path == "/broken").values(status=500))
    await pages.mark_gone(database, domain.id, "/gone")
    await change_settings(database, domain.id, blocked_paths=["/secret/*"], ignored_parameters=["session"])
    async with database.write() as session:
        await session.execute(update(Page).where(Page.path == "/slow").values(failure="timeout", attempts=3))
    await save_rules(database, domain.id, domain.host, [Rule("/moved", "/", "301")])
    await robots_versions.keep(database, domain.id, 200, b"User-agent: *\nDisallow: /kept/\n")
    made = await host_made(database, await site(database, domain), "sitemap.xml")
    assert [one.path for one in made.pages.listed] == ["/", "/%C3%A4", "/a?b=1&c=2"]
    assert {one.reason: tuple(one.examples) for one in made.pages.left_out} == {
        "Its address has an ignored parameter": ("/n?session=1",),
        "Its path is blocked": ("/secret/x",),
        "A routing rule handles it": ("/moved",),
        "It has not been rendered yet": ("/new",),
        "Its last render failed: the page was not done in time": ("/slow",),
        "It answers with 500": ("/broken",),
        "robots.txt blocks Googlebot": ("/kept/out",),
        "A meta element keeps the page out of search results": ("/hidden",),
        "The page names another page as canonical": ("/copy",),
    }
    text = await sent(database, domain, "/sitemap.xml")
    assert "<loc>https://example.com/a?b=1&amp;c=2</loc>" in text
    assert "lastmod" not in text
    assert parse_sitemap(text.encode()).pages == [
        "https://example.com/",
        "https://example.com/%C3%A4",
        "https://example.com/a?b=1&c=2",
    ]


def pages_path(path: str) -> str:
    return path.replace("ä", "%C3%A4")


async def test_lastmod_is_when_the_main_text_changed(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    for path in ("/", "/b"):
        await page(database, snapshots, domain, path)
    await host_made(database, await site(database, domain), "sitemap.xml")
    files = MadeFiles(database, snapshots)
    await files.make()
    assert "lastmod" not in await sent(database, domain, "/sitemap.xml")
    await page(database, snapshots, domain, "/", head="<script>nonce</script>")
    await files.make()
    assert "lastmod" not in await sent(database, domain, "/sitemap.xml")
    await page(database, snapshots, domain, "/b", text="Something new")
    moment = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
    async with database.write() as session:
        await session.execute(update(Snapshot).values(taken_at=moment))
    await files.make()
    found = await sent(database, domain, "/sitemap.xml")
    assert "<loc>https://example.com/b</loc><lastmod>2026-11-03T08:30:00+00:00</lastmod>" in found
    assert found.count("lastmod>") == 2
    await page(database, snapshots, domain, "/b", text="Something new", head="<meta name='x'>")
    async with database.write() as session:
        await session.execute(update(Snapshot).values(taken_at=moment + timedelta(days=1)))
    await files.make()
    assert await sent(database, domain, "/sitemap.xml") == found


async def test_what_is_made_changes_with_the_pages_and_a_text_does_not(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    await page(database, snapshots, domain, "/")
    one = await site(database, domain)
    await host_made(database, one, "sitemap.xml")
    await page(database, snapshots, domain, "/later")
    files = MadeFiles(database, snapshots)
    await files.make()
    assert "/later<" in await sent(database, domain, "/sitemap.xml")
    await pages.mark_gone(database, domain.id, "/later")
    await pages.mark_gone(database, domain.id, "/")
    await files.make()
    assert "/later<" in await sent(database, domain, "/sitemap.xml")  # An empty one is worse than an old one.
    text = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://example.com/x</loc></url></urlset>'
    await host_text(database, domain.id, "sitemap.xml", text)
    await files.make()
    assert await sent(database, domain, "/sitemap.xml") == text


async def test_nothing_is_made_of_nothing(database: Database, domain: Domain) -> None:
    with pytest.raises(UserError, match=r"^no page of example\.com is known"):
        await host_made(database, await site(database, domain), "sitemap.xml")
    assert await hosted(database, domain.id, "sitemap.xml") is None
    with pytest.raises(UserError, match=r"robots\.txt is not made of pages"):
        await preview(database, await site(database, domain), "robots.txt")


OWN = "<url><loc>https://example.com/x</loc></url>"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("sitemap.xml", "<urlset>", "it is no sitemap|no element|well-formed|XML"),
        ("sitemap.xml", "<html><body>shell</body></html>", "it begins with <html>"),
        ("sitemap.xml", "<urlset/>", "it has no entries"),
        ("sitemap.xml", "<sitemapindex></sitemapindex>", "it has no entries"),
        (
            "sitemap.xml",
            f"<urlset>{OWN}<url><loc>ftp://example.com/</loc></url></urlset>",
            "'ftp://example.com/' is no",
        ),
        ("sitemap.xml", f"<urlset>{OWN}<url><loc>/a</loc></url></urlset>", "'/a' is no http or https URL"),
        ("sitemap.xml", f"<urlset>{OWN}<url></url></urlset>", "has no <loc>"),
        ("sitemap.xml", f"<sitemapindex>{OWN}</sitemapindex>", "of another kind"),
        (
            "sitemap.xml",
            f"<urlset>{OWN * 50_001}</urlset>",
            "it has 50,001 entries; a sitemap has up to 50,000",
        ),
        ("sitemap.xml", "https://example.com/a", "is a list of addresses, not XML"),
        (
            "sitemap.xml",
            "<urlset><url><loc>https://other.example/</loc></url></urlset>",
            r"https://other\.example/ is not on example\.com",
        ),
        ("llms.txt", " \n", "AI agents would find nothing in it"),
        ("llms.txt", "<!doctype html><p>x", "it is a web page, not an llms.txt"),
        ("llms.txt", "x" * (5 * 1024 * 1024 + 1), "it has 5,242,881 bytes"),
    ],
)
async def test_texts_that_are_none(
    database: Database, domain: Domain, name: str, text: str, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        await host_text(database, domain.id, name, text)
    assert await hosted(database, domain.id, name) is None


async def test_an_llms_txt_says_what_pages_say_of_themselves(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    for path in ("/", "/about", "/blog/one", "/blog/two"):
        await page(database, snapshots, domain, path)
    one = await site(database, domain)
    await MadeFiles(database, snapshots).look(one)
    await host_made(database, one, "llms.txt")
    assert await sent(database, domain, "/llms.txt") == (
        "# Title of /\n\n> About /\n\n"
        "## Pages\n\n- [Title of /about](https://example.com/about): About /about\n\n"
        "## Blog\n\n- [Title of /blog/one](https://example.com/blog/one): About /blog/one\n"
        "- [Title of /blog/two](https://example.com/blog/two): About /blog/two\n"
    )
    await change_agents(database, domain.id, markdown=False)
    assert "/llms.txt" in (await site(database, domain)).hosted


def test_titles_cannot_break_an_llms_txt() -> None:
    hostile = Described("/a(b)", "x](https://evil.example) [\n# y", "\n> z")
    text = llms_written("example.com", "https://example.com", [hostile]).decode()
    assert text == (
        "# example.com\n\n## Pages\n\n- [x(https://evil.example)  # y](https://example.com/a%28b%29): > z\n"
    )


def test_a_long_sitemap_is_an_index_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(f"https://example.com/{n}", None) for n in range(50_001)]
    files = sitemap_files.written("https://example.com", entries)
    assert list(files) == ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml"]
    assert parse_sitemap(files["/sitemap.xml"]).sitemaps == [
        "https://example.com/sitemap-1.xml",
        "https://example.com/sitemap-2.xml",
    ]
    assert [len(parse_sitemap(files[f"/sitemap-{n}.xml"]).pages) for n in (1, 2)] == [50_000, 1]
    monkeypatch.setattr(sitemap_files, "MOST_BYTES", 10_000)
    files = sitemap_files.written("https://example.com", entries[:1_000])
    assert max(map(len, files.values())) <= 10_000
    named = [url for path, file in files.items() if "-" in path for url in parse_sitemap(file).pages]
    assert named == [url for url, _ in entries[:1_000]]


async def test_one_site_that_fails_keeps_no_other_from_its_files(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    second = await add_domain(database, "second.example", "owner@example.org")
    for one in (domain, second):
        await page(database, snapshots, one, "/")
        await host_made(database, (await load_sites(database))[one.id], "sitemap.xml")
        await page(database, snapshots, one, "/new")
    async with database.write() as session:
        broken = update(PageAudit).where(PageAudit.domain_id == domain.id)
        await session.execute(broken.values(indexable=False, found="no JSON"))
    await MadeFiles(database, snapshots).make()
    assert "/new" not in await sent(database, domain, "/sitemap.xml")
    assert "/new" in await sent(database, second, "/sitemap.xml")


async def test_a_page_that_is_removed_while_it_is_looked_at_is_not_noted(
    database: Database, domain: Domain, snapshots: Snapshots
) -> None:
    await page(database, snapshots, domain, "/short-lived")
    [due] = await page_texts.due(database, domain.id)
    async with database.write() as session:
        await session.execute(delete(Page).where(Page.domain_id == domain.id))
    await page_texts.note(database, domain.id, due, page_texts.Looked(b"", "", ""))
    async with database.read() as session:
        assert (await session.scalars(select(PageText))).all() == []
