"""Reading sitemaps: the pages and further sitemaps that one names (https://www.sitemaps.org/protocol.html)."""

import re
import zlib
from html import unescape
from typing import Final, NamedTuple

MOST_BYTES: Final = 50 * 1024 * 1024
"""Uncompressed; more is not read. The protocol allows 50 MB and 50,000 addresses."""
MOST_URLS: Final = 50_000

_GZIP: Final = b"\x1f\x8b"
# No XML parser: sitemaps are often not well-formed, and hostile ones must not expand entities.
_LOC = re.compile(r"<(?:\w+:)?loc\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]*)", re.IGNORECASE)
_INDEX = re.compile(r"<(?:\w+:)?sitemapindex\b", re.IGNORECASE)
_XML = re.compile(r"<(?:\?xml|(?:\w+:)?(?:urlset|sitemapindex)\b)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://\S+", re.IGNORECASE)


class Listed(NamedTuple):
    """Absolute URLs in the order of the sitemap: of pages, and of sitemaps where it is an index."""

    pages: list[str]
    sitemaps: list[str]


def parse_sitemap(body: bytes) -> Listed:
    """Read a sitemap: XML or plain text, also compressed. Raises ValueError for what is none."""
    text = _unpacked(body).decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if _XML.search(text[:2_000]):
        urls = [unescape(match[1]).strip() for match in _LOC.finditer(text)]
        listed = [url for url in urls if _ABSOLUTE.fullmatch(url)][:MOST_URLS]
        return Listed([], listed) if _INDEX.search(text[:2_000]) else Listed(listed, [])
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(map(_ABSOLUTE.fullmatch, lines[:MOST_URLS])):
        raise ValueError("not a sitemap: neither XML with a urlset nor a list of addresses")
    return Listed(lines[:MOST_URLS], [])


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body[:MOST_BYTES]
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"broken gzip: {error}") from None
