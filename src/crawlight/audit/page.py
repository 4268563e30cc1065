"""What is audited: the inputs of one page, and what they say once they are parsed."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Final, Literal

import msgspec

from crawlight.audit.document import Element, Skimmed, joined
from crawlight.audit.parsing import parse, skim
from crawlight.audit.references import Reference, alternates, canonicals
from crawlight.audit.robots import GOOGLE, Directive, directives
from crawlight.audit.structured import StructuredData
from crawlight.audit.text import bounded
from crawlight.kit.urls import MAX_URL_BYTES, canonical_path, split_url

MAX_LINKS: Final = 100
"""Internal links of a page that are looked up among the known pages."""

MAX_ALTERNATES: Final = 100

_PLAIN = re.compile(r"/(?!/)[A-Za-z0-9\-._~/]*(?:\?[A-Za-z0-9\-._~=&]*)?")
"""Paths that URL parsing would not change, unless they have a dot segment. Most are: it saves a parse of each."""

_NONE = re.compile(r"(?!)")
"""Where the base of the page is no URL with a host, none is plain."""


class PageInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an audit depends on: the same inputs always give the same score.

    ``url`` is absolute. ``html`` is what crawlers get (the rendered page), ``raw_html`` what the site ships
    without JavaScript; none where it is not known, and then the two are not compared. ``headers`` are those
    of the answer, names in any case, several values of one joined by commas, or on lines of their own.
    ``robots_txt`` is the domain's, ``alternates`` are code and address of the language versions that a sitemap
    names for the page. ``now`` is when the page was fetched, in any time zone: none, and no date in it has passed.
    ``unread`` names what was left out, as it takes too much to read: the raw HTML, or all HTML.
    """

    url: str
    status: int
    html: str | bytes
    raw_html: str | bytes | None = None
    headers: Mapping[str, str] = {}
    robots_txt: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()
    now: datetime | None = None
    unread: Literal["", "raw_html", "html"] = ""


class Facts(msgspec.Struct, frozen=True):
    """What other pages' findings depend on. Paths are canonical, on the page's own domain.

    ``canonical`` is that of another page which this one names, ``alternates`` are those of the other language
    versions, ``links`` those of linked pages.
    """

    title: str = ""
    description: str = ""
    canonical: str | None = None
    alternates: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Page:
    """One page, parsed once."""

    def __init__(self, inputs: PageInputs) -> None:
        self.url = inputs.url
        self.status = inputs.status
        self.robots_txt = inputs.robots_txt
        self.unread = inputs.unread
        self.now = inputs.now
        self._of_sitemap = inputs.alternates
        self.headers = {name.lower(): text for name, text in inputs.headers.items()}
        content_type = self.headers.get("content-type", "")
        self.raw: Skimmed | None = None
        if inputs.raw_html is None:
            self.document = parse(inputs.html, content_type)
        else:
            # What a browser wrote is UTF-8, whatever the site sent; only the raw HTML is in the site's encoding.
            self.document = parse(inputs.html, "charset=utf-8")
            self.raw = skim(inputs.raw_html, content_type) if not inputs.unread else None

    @cached_property
    def base(self) -> str:
        """The URL that relative ones start from."""
        return self.document.base(self.url)

    @cached_property
    def title(self) -> str:
        """The first title, white space collapsed."""
        titles = self.document.of("title")
        return " ".join(titles[0].text.split()) if titles else ""

    @cached_property
    def description(self) -> str:
        """The meta description, white space collapsed."""
        return " ".join(self.document.meta("description").split())

    @cached_property
    def canonicals(self) -> list[Reference]:
        """The canonical addresses that search engines read, in the head and in the header ``Link``."""
        return canonicals(self.document, self._link_header, self.base, self.url)

    @cached_property
    def canonical(self) -> str:
        """The URL that the page names as canonical; empty where it names none, or several different ones."""
        urls = {one.url for one in self.canonicals if one.href}
        return urls.pop() if len(urls) == 1 else ""

    @cached_property
    def directives(self) -> list[Directive]:
        """What robots meta elements and X-Robots-Tag headers say."""
        return directives(self.document, self.headers.get("x-robots-tag", ""))

    @cached_property
    def is_blocked(self) -> bool:
        """Whether a rule for Google keeps the page out of the index."""
        return any(rule.blocks and rule.bot in GOOGLE for rule in self.directives)

    @cached_property
    def alternates(self) -> list[Reference]:
        """The language versions that search engines read: in the head, in the header ``Link``, and in a sitemap."""
        return alternates(self.document, self._link_header, self._of_sitemap, self.base, self.url)

    @cached_property
    def structured_data(self) -> StructuredData:
        """The page's JSON-LD."""
        scripts = self.document.of("script")
        return StructuredData(
            [
                one.text
                for one in scripts
                if one.get("type").lower().partition(";")[0].strip() == "application/ld+json"
            ]
        )

    @cached_property
    def links(self) -> list[tuple[Element, str]]:
        """``a`` elements with an href, and the absolute URL of it: empty where it is none."""
        base = self.base
        origin = joined(base, "/").removesuffix("/")
        plain = _PLAIN.fullmatch if origin else _NONE.fullmatch
        return [
            (link, origin + href if plain(href) and "/." not in href else joined(base, href))
            for link, href in self.document.anchors
            if href
        ]

    def is_followed(self, link: Element, url: str) -> bool:
        """Say whether a link leads to another page, and crawlers follow it."""
        if url[:4] != "http" or url.partition("#")[0] == self._bare_url:
            return False
        return "nofollow" not in link.get("rel").lower()

    def is_page(self, url: str) -> bool:
        """Say whether a URL is that of another page of the same domain."""
        path = self.path_of(url)
        return path is not None and self.own is not None and path != self.own[1]

    def facts(self) -> Facts:
        """What is kept of the page for the findings across pages."""
        return Facts(
            title=bounded(self.title),
            description=bounded(self.description, 400),
            canonical=next(iter(self._paths([self.canonical], 1)), None),
            alternates=tuple(self._paths((one.url for one in self.alternates), MAX_ALTERNATES)),
            links=tuple(self._paths((url for _, url in self.links), MAX_LINKS)),
        )

    def path_of(self, url: str) -> str | None:
        """The canonical path of the URL of a page of the same domain, without and with www. alike; or None."""
        start = len(self._origin)
        if url.startswith(self._origin) and url[start : start + 1] == "/" and len(url) <= MAX_URL_BYTES:
            return canonical_path(url[start:])
        target = split_url(url)
        return target[1] if target and self.own and target[0] == self.own[0] else None

    @cached_property
    def own(self) -> tuple[str, str] | None:
        """Bare host and canonical path of the page's own URL; none where it has none."""
        return split_url(self.url)

    @cached_property
    def _bare_url(self) -> str:
        return joined(self.url, "").partition("#")[0]

    @cached_property
    def _origin(self) -> str:
        """Scheme and host of the page's own URL; what no URL begins with, where it has none."""
        return joined(self.url, "/").removesuffix("/") if self.own else "-"

    @property
    def _link_header(self) -> str:
        return self.headers.get("link", "")

    def _paths(self, urls: Iterable[str], limit: int) -> list[str]:
        """Paths of other pages of the domain, each once, in order of appearance."""
        if self.own is None:
            return []
        paths: dict[str, None] = {}
        for url in dict.fromkeys(urls):
            if len(paths) >= limit:
                break
            if (path := self.path_of(url)) and path != self.own[1]:
                paths[path] = None
        return list(paths)


def is_secure(url: str) -> bool:
    """Say whether a URL is served over TLS."""
    return url[:6].lower() == "https:"
