"""Sitemaps: which pages a site says that it has (https://www.sitemaps.org/protocol.html).

They come from outside, so everything is bounded: files, bytes, pages, depth; a document type, which sitemaps do
not have, is refused, and with it every bomb of entities.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Final
from xml.parsers import expat

import msgspec

from crawlight.domains.sites import Site
from crawlight.kit.net import FetchError, fetch, parse_networks
from crawlight.kit.urls import canonical_path, kind_of
from crawlight.rendering.origins import robots_txt

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ENTRIES: Final = 50_000
"""Of one file, both as the protocol says."""

MOST_FILES: Final = 500
MOST_PAGES: Final = 500_000
_MOST_DEPTH: Final = 3
_MOST_PROBLEMS: Final = 20
_SECONDS: Final = 30.0


class SitemapError(Exception):
    """A file that is no sitemap; the message says why."""


class Sitemap(msgspec.Struct, frozen=True):
    """The entries of one file: ``pages`` of a sitemap or ``sitemaps`` of an index, absolute URLs."""

    pages: list[str]
    sitemaps: list[str]


class Reading:
    """Reads all sitemaps of a site. ``problems`` has a line for each file that gave nothing."""

    def __init__(self, site: Site) -> None:
        self.problems: list[str] = []
        self.files = 0
        self.pages = 0
        self._site = site
        self._allowed = parse_networks(site.settings.allowed_networks)

    async def paths(self) -> AsyncIterator[list[str]]:
        """Canonical paths of the site's own pages, file by file. A page may come again."""
        waiting = [(url, 0) for url in await self._starts()]
        seen = set()
        while waiting and self.files < MOST_FILES and self.pages < MOST_PAGES:
            url, depth = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            found = await self._read(url)
            if depth < _MOST_DEPTH:
                waiting += [(one, depth + 1) for one in found.sitemaps]
            pages = [path for path in map(self._path, found.pages) if path]
            self.pages += len(pages)
            if pages:
                yield pages
        if waiting:
            self._problem("", f"more than {MOST_FILES} files or {MOST_PAGES} pages; the rest was left out")

    async def _starts(self) -> list[str]:
        """What robots.txt names, else the usual place."""
        named = sitemaps_of(await robots_txt(self._site) or "")
        return named or [self._site.page_url("/sitemap.xml")]

    async def _read(self, url: str) -> Sitemap:
        self.files += 1
        own = self._site.own_path(url)
        try:
            answer = await fetch(
                self._site.fetch_url(own) if own else url,
                allowed=self._allowed,
                most_bytes=MOST_BYTES,
                seconds=_SECONDS,
            )
            if answer.status != 200:
                raise SitemapError(f"the answer was {answer.status}")
            return parse(answer.body)
        except (FetchError, SitemapError) as error:
            self._problem(url, str(error))
            return Sitemap([], [])

    def _path(self, url: str) -> str | None:
        own = self._site.own_path(url.strip())
        path = canonical_path(own.partition("#")[0]) if own and own.startswith("/") else None
        page = self._site.page(path) if path else None
        return page if page and kind_of(page) == "crawl" else None

    def _problem(self, url: str, text: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(f"{url}: {text}" if url else text)


def sitemaps_of(robots: str) -> list[str]:
    """The sitemaps that a robots.txt names."""
    lines = (line.partition(":") for line in robots.splitlines())
    return [url.strip() for name, _, url in lines if name.strip().lower() == "sitemap" and url.strip()][
        :MOST_FILES
    ]


def parse(data: bytes) -> Sitemap:
    """The entries of a sitemap, an index or a text file, gzipped or not. Raises SitemapError."""
    content = _unpacked(data)
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _Parser().parse(content)
    lines = content.decode("utf-8", "replace").split()
    urls = [line for line in lines if line.startswith(("http://", "https://"))]
    if not urls:
        raise SitemapError("it is no sitemap")
    return Sitemap(urls[:MOST_ENTRIES], [])


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise SitemapError(f"it is no gzip: {error}") from None
    if len(content) > MOST_BYTES:
        raise SitemapError(f"it has more than {MOST_BYTES} bytes")
    if not unpacker.eof:
        raise SitemapError("it is cut short")
    return content


class _Parser:
    """Collects the text of ``loc`` in ``url`` and ``sitemap``, whatever else there is."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {"url": [], "sitemap": []}
        self._open: list[str] = []
        self._text: list[str] | None = None

    def parse(self, content: bytes) -> Sitemap:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise SitemapError(f"it is no XML: {error}") from None
        except (ValueError, LookupError) as error:
            raise SitemapError(f"its encoding is not known: {error}") from None
        return Sitemap(self._found["url"], self._found["sitemap"])

    def _doctype(self, *_: object) -> None:
        raise SitemapError("it has a document type, which no sitemap has")

    def _start(self, name: str, _attributes: object) -> None:
        local = name.rpartition(":")[2].lower()
        parent = self._open[-1] if self._open else ""
        self._open.append(local)
        if len(self._open) > 32:
            raise SitemapError("its elements are nested too deep")
        # image:loc and video:content_loc are no pages.
        if local == "loc" and parent in self._found and not name.startswith(("image:", "video:")):
            self._text = []

    def _end(self, _name: str) -> None:
        if self._open.pop() == "loc" and self._text is not None:
            entries = self._found[self._open[-1]]
            if len(entries) < MOST_ENTRIES:
                entries.append("".join(self._text).strip())
            self._text = None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
