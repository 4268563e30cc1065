import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.kit.sitemaps import MOST_BYTES, SitemapError, parse_sitemap

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*urls: str) -> bytes:
    return f"<urlset {SPACE}>{''.join(f'<url><loc>{url}</loc></url>' for url in urls)}</urlset>".encode()


def index(*urls: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<?xml version='1.0'?><sitemapindex {SPACE}>{entries}</sitemapindex>".encode()


def test_sitemaps_indexes_texts_and_gzip() -> None:
    assert parse_sitemap(urlset("https://a.b/?x=1&amp;y=2")).pages == ["https://a.b/?x=1&y=2"]
    assert parse_sitemap(gzip.compress(index("https://a.b/1.xml"))).sitemaps == ["https://a.b/1.xml"]
    assert parse_sitemap(b"https://a.b/1\nhttps://a.b/2\n").pages == ["https://a.b/1", "https://a.b/2"]
    images = (
        b"<urlset><url><loc>\n https://a.b/ \n</loc><image:loc>https://a.b/i.png</image:loc></url></urlset>"
    )
    assert parse_sitemap(images).pages == ["https://a.b/"]


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset><url><loc>https://a.b/&b;</loc></url></urlset>"""
FILE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset><url><loc>&f;</loc></url></urlset>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BOMB, "document type"),
        (FILE, "document type"),
        (gzip.compress(b" " * (MOST_BYTES + 1), mtime=0), "more than"),
        (gzip.compress(urlset("https://a.b/"), mtime=0)[:-9], "cut short"),
        (b"\x1f\x8bgarbage", "no gzip"),
        (b"<urlset><url>", "no XML"),
        (b"<x>" * 40, "nested too deep"),
        (b"<?xml version='1.0' encoding='no-such'?><urlset/>", "encoding|XML"),
        (b"hello", "no sitemap"),
        (b"", "no sitemap"),
    ],
)
def test_hostile_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(SitemapError, match=reason):
        parse_sitemap(data)


def test_no_more_entries_than_the_protocol_allows() -> None:
    assert len(parse_sitemap(urlset(*(f"https://a.b/{n}" for n in range(50_001)))).pages) == 50_000


def test_only_absolute_addresses_count() -> None:
    urls = ("/relative", "ftp://a.b/", "", "HTTPS://a.b/")
    assert parse_sitemap(urlset(*urls)).pages == ["HTTPS://a.b/"]
    assert parse_sitemap("\ufeff https://a.b/1\r\n\n".encode()).pages == ["https://a.b/1"]


@given(st.binary())
def test_no_bytes_make_it_fail_otherwise(body: bytes) -> None:
    try:
        parse_sitemap(body)
    except SitemapError:
        return


def test_language_versions_of_pages_are_read() -> None:
    links = (
        '<xhtml:link rel="alternate" hreflang="de" href="https://a.b/de"/>'
        '<xhtml:link rel="alternate" hreflang="en" href="https://a.b/"/><xhtml:link rel="alternate" href="/x"/>'
    )
    listed = parse_sitemap(
        f"<urlset xmlns:xhtml='http://www.w3.org/1999/xhtml'><url>{links}<loc>https://a.b/</loc></url>"
        f"<url><loc>https://a.b/2</loc></url><url>{links}</url></urlset>".encode()
    )
    assert listed.pages == ["https://a.b/", "https://a.b/2"]
    assert listed.alternates == {"https://a.b/": [("de", "https://a.b/de"), ("en", "https://a.b/")]}


def test_language_versions_are_bounded() -> None:
    links = '<link rel="alternate" hreflang="de" href="https://a.b/de"/>' * 1_000
    listed = parse_sitemap(f"<urlset><url><loc>https://a.b/</loc>{links}</url></urlset>".encode())
    assert len(listed.alternates["https://a.b/"]) == 100
