import asyncio
import gzip
from datetime import timedelta

import pytest
import time_machine
from aiohttp import web

from crawlight.accounts.people import create_account
from crawlight.audit.robots import sitemaps_in
from crawlight.database.engine import Database
from crawlight.domains import alternates, wanted
from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import Site as Domain
from crawlight.domains.sites import load_sites
from crawlight.kit.clock import now
from crawlight.rendering import warming
from crawlight.rendering.warming import warm, warm_due
from crawlight.settings import DEFAULT_PLANS
from tests.rendering.site import Site

pytestmark = pytest.mark.anyio

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*urls: str) -> bytes:
    return f"<urlset {SPACE}>{''.join(f'<url><loc>{url}</loc></url>' for url in urls)}</urlset>".encode()


def index(*urls: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<?xml version='1.0'?><sitemapindex {SPACE}>{entries}</sitemapindex>".encode()


def test_robots_txt_names_sitemaps() -> None:
    assert sitemaps_in("User-agent: *\nSITEMAP : https://a.b/s.xml\nSitemap:\n") == ["https://a.b/s.xml"]


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset><url><loc>https://a.b/&b;</loc></url></urlset>"""


@pytest.fixture
async def domain(database: Database, site: Site) -> Domain:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    added = await add_domain(database, "example.com", "me@example.org", origin=site.url)
    await change_settings(database, added.id, allowed_networks=["127.0.0.0/8"])
    return (await load_sites(database))[added.id]


def put(site: Site, path: str, body: bytes, kind: str = "text/xml") -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind)

    site.pages[path] = answer


async def test_all_pages_of_a_site_are_learned_and_wanted_once(
    database: Database, domain: Domain, site: Site
) -> None:
    put(site, "/robots.txt", b"Sitemap: https://example.com/index.xml", "text/plain")
    put(
        site,
        "/index.xml",
        index("https://example.com/a.xml.gz", "https://example.com/index.xml", f"{site.url}/b"),
    )
    many = [f"https://www.example.com/p/{n}?utm_source=map" for n in range(1_200)]
    put(
        site,
        "/a.xml.gz",
        gzip.compress(urlset(*many, "https://other.example/x", "https://example.com/a.png")),
    )
    put(site, "/b", BOMB)
    done = await warm(database, domain)
    assert (done.files, done.pages, done.new, done.wanted) == (3, 1_200, 1_200, 1_200)
    assert done.problems == [f"{site.url}/b: it has a document type, which no sitemap has"]
    again = await warm(database, domain)
    assert (again.new, again.wanted) == (0, 0)
    claims = await wanted.claim(database, 5)
    assert {claim.reason for claim in claims} == {"warm"}
    assert all(claim.path.startswith("/p/") and "?" not in claim.path for claim in claims)


async def test_sitemaps_are_read_when_they_are_due(database: Database, domain: Domain, site: Site) -> None:
    put(site, "/sitemap.xml", urlset("https://example.com/a"))
    assert await warm_due(database)
    assert not await warm_due(database)
    assert site.asked.count("/sitemap.xml") == 1


async def test_sitemaps_are_claimed_before_they_are_read(
    database: Database, domain: Domain, site: Site
) -> None:
    put(site, "/sitemap.xml", urlset("https://example.com/a"))
    await asyncio.gather(*(warm_due(database) for _ in range(3)))
    assert site.asked.count("/sitemap.xml") == 1
    # One who dies while reading leaves them to another after a while.
    with time_machine.travel(now() + warming.EVERY):
        assert await warming.claim(database, domain.id)
        assert not await warm_due(database)
    with time_machine.travel(now() + warming.EVERY + warming.CLAIM + timedelta(seconds=1)):
        assert await warm_due(database)


async def test_a_site_without_sitemaps_is_told(database: Database, domain: Domain) -> None:
    done = await warm(database, domain)
    assert (done.pages, done.problems) == (0, ["https://example.com/sitemap.xml: the answer was 404"])


async def test_a_sitemap_on_a_private_address_comes_with_the_command_that_allows_it(
    database: Database, domain: Domain, site: Site
) -> None:
    added = await add_domain(database, "other.example", "me@example.org", origin=site.url)
    done = await warm(database, (await load_sites(database, [added.id]))[added.id])
    told = "127.0.0.1 is no public address; `crawlight domain set other.example --allow NETWORK` lets it"
    assert done.problems == [f"https://other.example/sitemap.xml: {told}"]


async def test_language_versions_of_sitemaps_are_kept_while_they_are_named(
    database: Database, domain: Domain, site: Site
) -> None:
    def listed(*codes: str) -> bytes:
        links = "".join(
            f'<l:link rel="alternate" hreflang="{c}" href="https://example.com/{c}"/>' for c in codes
        )
        return f"<urlset {SPACE} xmlns:l='http://www.w3.org/1999/xhtml'><url><loc>https://example.com/en</loc>{links}</url></urlset>".encode()

    put(site, "/sitemap.xml", listed("en", "de"))
    await warm(database, domain)
    kept = (("en", "https://example.com/en"), ("de", "https://example.com/de"))
    assert await alternates.of_page(database, domain.id, "/en") == kept
    assert await alternates.of_page(database, domain.id, "/de") == ()
    put(site, "/sitemap.xml", b"no sitemap")
    await warm(database, domain)
    assert await alternates.of_page(database, domain.id, "/en") == kept
    put(site, "/sitemap.xml", listed())
    await warm(database, domain)
    assert await alternates.of_page(database, domain.id, "/en") == ()
