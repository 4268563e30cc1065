import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.kit.sitemaps import Listed, parse_sitemap

A, B = "https://example.com/a", "https://example.com/b?x=1&y=2"


@pytest.mark.parametrize(
    "body",
    [
        f"<urlset><url><loc>{A}</loc></url><url><loc>{B.replace('&', '&amp;')}</loc></url></urlset>",
        f'\ufeff<?xml version="1.0"?>\n<s:urlset xmlns:s="x"><s:loc>\n {A} </s:loc><s:loc><![CDATA[{B}]]></s:loc>',
        f"{A}\n\n {B}\r\n",
        f"<URLSET><loc>{A}</loc><loc>/relative</loc><loc>ftp://x/</loc><loc></loc><loc>{B}",
    ],
)
def test_pages_are_read(body: str) -> None:
    assert parse_sitemap(body.encode()) == Listed([A, B], [])
    assert parse_sitemap(gzip.compress(body.encode())) == Listed([A, B], [])


def test_an_index_names_sitemaps() -> None:
    assert parse_sitemap(f"<sitemapindex><sitemap><loc>{A}</loc>".encode()) == Listed([], [A])


@pytest.mark.parametrize("body", [b"", b"<html><loc>x</loc>", b"no addresses", b"\x1f\x8bbroken", b"\x00"])
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_sitemap(body)


def test_a_bomb_is_read_up_to_the_limit() -> None:
    body = b"<urlset>" + f"<loc>{A}</loc>".encode() * 60_000 + b" " * 200_000_000
    assert len(parse_sitemap(gzip.compress(body, 1)).pages) == 50_000


@given(st.binary())
def test_no_bytes_make_it_fail_otherwise(body: bytes) -> None:
    try:
        parse_sitemap(body)
    except ValueError:
        return
