"""Addresses that a page names as its own or as another version of it, in its head or in an HTTP header."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from crawlight.audit.document import Document, joined
from crawlight.audit.text import bounded

_MOST_CHARACTERS: Final = 20_000
# RFC 8288, section 3.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)')
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))')
_NARROWING: Final = ("hreflang", "lang", "media", "type")
"""Attributes with which Google takes no link as the canonical one:
https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"""


class Reference(msgspec.Struct, frozen=True):
    """One address: as it is written, absolute (empty where it is none), its language code, and where it was read."""

    href: str
    url: str
    code: str
    snippet: str


def canonicals(document: Document, header: str, base: str, url: str) -> list[Reference]:
    """The canonical addresses that search engines read: of links in the head, and of the header ``Link``."""
    links = [
        Reference(href := link.get("href"), joined(base, href), "", link.snippet)
        for link in document.head_links("canonical")
        if not is_narrowed(link.get)
    ]
    return [*links, *(one for rel, one in _of_header(header, url) if "canonical" in rel)]


def alternates(
    document: Document, header: str, sitemap: Iterable[tuple[str, str]], base: str, url: str
) -> list[Reference]:
    """The language versions, the same way, and those of a sitemap."""
    links = [
        Reference(href := link.get("href"), joined(base, href), code, link.snippet)
        for link in document.head_links("alternate")
        if (code := link.get("hreflang"))
    ]
    headers = (one for rel, one in _of_header(header, url) if "alternate" in rel and one.code)
    listed = (
        Reference(href, joined(url, href), code, bounded(f"sitemap: {code} {href}")) for code, href in sitemap
    )
    return [*links, *headers, *listed]


def is_narrowed(get: Callable[[str], str]) -> bool:
    """Say whether a canonical link has attributes with which it is none."""
    return any(get(name) for name in _NARROWING)


def _of_header(header: str, url: str) -> Iterator[tuple[list[str], Reference]]:
    for link in _LINK.finditer(header[:_MOST_CHARACTERS]):
        parameters = {one[1].lower(): one[2] or one[3] or "" for one in _PARAMETER.finditer(link[2])}
        href = link[1].strip()
        source = bounded(f"Link: {link[0]}")
        yield (
            parameters.get("rel", "").lower().split(),
            Reference(href, joined(url, href), parameters.get("hreflang", ""), source),
        )
