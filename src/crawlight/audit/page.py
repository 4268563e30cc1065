"""What is audited: the inputs of one page, and what they say once they are parsed."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

import msgspec

from crawlight.audit.check import bounded
from crawlight.audit.document import Document, Element, joined, parse
from crawlight.audit.robots import Directive, directives
from crawlight.audit.structured import StructuredData
from crawlight.kit.urls import canonical_path, split_url

MAX_LINKS: Final = 100
"""Internal links of a page that are looked up among the known pages."""

MAX_ALTERNATES: Final = 100

_PLAIN = re.compile(r"/(?!/)[A-Za-z0-9\-._~/]*(?:\?[A-Za-z0-9\-._~=&]*)?")
"""Paths that URL parsing would not change, unless they have a dot segment. Most are: it saves a parse of each."""


class PageInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an audit depends on: the same inputs always give the same score.

    ``url`` is absolute. ``html`` is what crawlers get (the rendered page), ``raw_html`` what the site ships
    without JavaScript; none where it is not known, and then the two are not compared. ``headers`` are those
    of the answer, names in any case, several values of one joined by commas. ``robots_txt`` is the domain's.
    """

    url: str
    status: int
    html: str | bytes
    raw_html: str | bytes | None = None
    headers: Mapping[str, str] = {}
    robots_txt: str | None = None


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
        self.headers = {name.lower(): text for name, text in inputs.headers.items()}
        content_type = self.headers.get("content-type", "")
        self.raw: Document | None = None
        if inputs.raw_html is None:
            self.document = parse(inputs.html, content_type)
        else:
            # What a browser wrote is UTF-8, whatever the site sent; only the raw HTML is in the site's encoding.
            self.document = parse(inputs.html, "charset=utf-8")
            self.raw = parse(inputs.raw_html, content_type)

    @cached_property
    def base(self) -> str:
        """The URL that relative ones start from."""
        return self.document.base(self.url)

    @cached_property
    def title(self) -> str:
        """The first title, white space collapsed."""
        return first_title(self.document)

    @cached_property
    def description(self) -> str:
        """The meta description, white space collapsed."""
        return " ".join(self.document.meta("description").split())

    @cached_property
    def canonicals(self) -> list[Element]:
        """The canonical links of the document."""
        return list(self.document.links("canonical"))

    @cached_property
    def canonical(self) -> str:
        """The URL that the page names as canonical; empty where it names none, or several different ones."""
        urls = {joined(self.base, link.get("href")) for link in self.canonicals if link.get("href")}
        return urls.pop() if len(urls) == 1 else ""

    @cached_property
    def directives(self) -> list[Directive]:
        """What robots meta elements and X-Robots-Tag headers say."""
        return directives(self.document, self.headers.get("x-robots-tag", ""))

    @cached_property
    def alternates(self) -> list[Element]:
        """Links to other language versions."""
        return [link for link in self.document.links("alternate") if link.get("hreflang")]

    @cached_property
    def structured_data(self) -> StructuredData:
        """The page's JSON-LD."""
        scripts = self.document.of("script")
        return StructuredData(
            [one.text for one in scripts if one.get("type").lower() == "application/ld+json"]
        )

    @cached_property
    def links(self) -> list[tuple[Element, str]]:
        """``a`` elements with an href, and the absolute URL of it: empty where it is none."""
        base = self.base
        origin = joined(base, "/").removesuffix("/")
        links = []
        for link in self.document.of("a"):
            if href := link.get("href"):
                plain = origin and _PLAIN.fullmatch(href) and "/." not in href
                links.append((link, origin + href if plain else joined(base, href)))
        return links

    @cached_property
    def followed_links(self) -> list[Element]:
        """Links to other pages that crawlers follow."""
        own = joined(self.url, "").partition("#")[0]
        return [
            link
            for link, url in self.links
            if url[:4] == "http"
            and url.partition("#")[0] != own
            and "nofollow" not in link.get("rel").lower()
        ]

    def facts(self) -> Facts:
        """What is kept of the page for the findings across pages."""
        return Facts(
            title=bounded(self.title),
            description=bounded(self.description, 400),
            canonical=next(iter(self._paths(iter([self.canonical]), 1)), None),
            alternates=tuple(self._paths(self._alternate_urls(), MAX_ALTERNATES)),
            links=tuple(self._paths((url for _, url in self.links), MAX_LINKS)),
        )

    def path_of(self, url: str) -> str | None:
        """The canonical path of the URL of a page of the same domain, without and with www. alike; or None."""
        if url.startswith(self._origin) and _PLAIN.fullmatch(url, len(self._origin)):
            return canonical_path(url[len(self._origin) :])
        target = split_url(url)
        return target[1] if target and self._own and target[0] == self._own[0] else None

    @cached_property
    def _origin(self) -> str:
        """Scheme and host of the page's own URL; what no URL begins with, where it has none."""
        return joined(self.url, "/").removesuffix("/") if self._own else "-"

    def _alternate_urls(self) -> Iterator[str]:
        return (joined(self.base, link.get("href")) for link in self.alternates)

    @cached_property
    def _own(self) -> tuple[str, str] | None:
        return split_url(self.url)

    def _paths(self, urls: Iterator[str], limit: int) -> list[str]:
        """Paths of other pages of the domain, each once, in order of appearance."""
        paths: dict[str, None] = {}
        for url in dict.fromkeys(urls):
            if len(paths) >= limit:
                break
            path = self.path_of(url)
            if path and self._own and path != self._own[1]:
                paths[path] = None
        return list(paths)


def first_title(document: Document) -> str:
    """The first title of a document, white space collapsed."""
    titles = document.of("title")
    return " ".join(titles[0].text.split()) if titles else ""


def is_secure(url: str) -> bool:
    """Say whether a URL is served over TLS."""
    return url[:6].lower() == "https:"
