"""One sitemap file: what it names (https://www.sitemaps.org/protocol.html).

Sitemaps come from outside, so everything is bounded: bytes, entries, depth; a document type, which sitemaps do not
have, is refused, and with it every bomb of entities.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from xml.parsers import expat

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ENTRIES: Final = 50_000
"""Of one file, both as the protocol says."""
MOST_ALTERNATES: Final = 100
"""Language versions of one page."""

_GZIP: Final = b"\x1f\x8b"
_SCHEMES: Final = ("http://", "https://")


class SitemapError(Exception):
    """A file that is no sitemap; the message says why."""


class Sitemap(NamedTuple):
    """The entries of one file: ``pages`` of a sitemap or ``sitemaps`` of an index, absolute URLs.

    ``alternates`` are the language versions that it names for a page: code and address of each. ``root`` is the name
    of its first element, empty of a text file, ``entries`` are all that it has, also those that are not taken, and
    ``refused`` the first location that is no absolute URL, if there is one.
    """

    pages: list[str]
    sitemaps: list[str]
    alternates: Mapping[str, list[tuple[str, str]]] = {}
    root: str = ""
    entries: int = 0
    refused: Sequence[str] = ()


def parse_sitemap(data: bytes) -> Sitemap:
    """The entries of a sitemap, an index or a text file, gzipped or not. Raises SitemapError."""
    content = _unpacked(data)
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _Parser().parse(content)
    lines = content.decode("utf-8", "replace").split()
    urls = [line for line in lines if line.lower().startswith(_SCHEMES)]
    if not urls:
        raise SitemapError("it is no sitemap")
    return Sitemap(urls[:MOST_ENTRIES], [], entries=len(urls))


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
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
    """Collects the text of ``loc`` in ``url`` and ``sitemap`` and the language versions, whatever else there is."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {"url": [], "sitemap": []}
        self._open: list[str] = []
        self._root = ""
        self._entries = 0
        self._refused: list[str] = []
        self._text: list[str] | None = None
        self._page = ""
        self._links: list[tuple[str, str]] = []
        self._alternates: dict[str, list[tuple[str, str]]] = {}

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
        found = Sitemap(self._found["url"], self._found["sitemap"], self._alternates)
        return found._replace(root=self._root, entries=self._entries, refused=self._refused)

    def _doctype(self, *_: object) -> None:
        raise SitemapError("it has a document type, which no sitemap has")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        parent = self._open[-1] if self._open else ""
        self._open.append(local)
        self._root = self._root or local
        self._entries += local in self._found and len(self._open) == 2
        if len(self._open) > 32:
            raise SitemapError("its elements are nested too deep")
        # image:loc and video:content_loc are no pages.
        if local == "loc" and parent in self._found and not name.startswith(("image:", "video:")):
            self._text = []
        elif local == "link" and parent == "url" and len(self._links) < MOST_ALTERNATES:
            # https://developers.google.com/search/docs/specialty/international/localized-versions#sitemap
            rel, code = attributes.get("rel", "").lower().split(), attributes.get("hreflang", "")
            if "alternate" in rel and code:
                self._links.append((code.strip(), attributes.get("href", "").strip()))

    def _end(self, _name: str) -> None:
        ended = self._open.pop()
        if ended == "url":
            if self._page and self._links:
                self._alternates[self._page] = self._links
            self._page, self._links = "", []
        elif ended == "loc" and self._text is not None:
            self._take(self._found[self._open[-1]], "".join(self._text).strip())
            self._text = None

    def _take(self, entries: list[str], url: str) -> None:
        if not url.lower().startswith(_SCHEMES):
            self._refused = self._refused or [url]
        elif len(entries) < MOST_ENTRIES:
            entries.append(url)
            self._page = url

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
