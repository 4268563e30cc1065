"""What is audited: the inputs of one page, and what they say once they are parsed."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

import msgspec

from crawlight.audit.check import bounded
from crawlight.audit.document import Document, Element, joined, parse
from crawlight.audit.robots import Directive, directives
from crawlight.kit.urls import split_url

MAX_LINKS: Final = 200
"""Internal links of a page that are looked up among the known pages."""

MAX_ALTERNATES: Final = 100


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

    ``alternates`` are the paths of the other language versions, ``links`` of linked pages.
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
        self.document: Document = parse(inputs.html, content_type)
        self.raw: Document | None = None
        if inputs.raw_html is not None:
            same = inputs.raw_html == inputs.html
            self.raw = self.document if same else parse(inputs.raw_html, content_type)

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

    def facts(self) -> Facts:
        """What is kept of the page for the findings across pages."""
        return Facts(
            title=bounded(self.title),
            description=bounded(self.description, 400),
            canonical=self.path_of(self.canonical) if self.canonical else None,
            alternates=tuple(self._paths(self._alternates(), MAX_ALTERNATES)),
            links=tuple(self._paths((link.get("href") for link in self.document.of("a")), MAX_LINKS)),
        )

    def path_of(self, href: str) -> str | None:
        """The canonical path of a link to a page of the same domain, without and with www. alike; or None."""
        if href[:1] == "#":
            return None
        target = split_url(joined(self.base, href))
        return target[1] if target and self._own and target[0] == self._own[0] else None

    @cached_property
    def _own(self) -> tuple[str, str] | None:
        return split_url(self.url)

    def _alternates(self) -> Iterator[str]:
        return (link.get("href") for link in self.document.links("alternate") if link.get("hreflang"))

    def _paths(self, hrefs: Iterator[str], limit: int) -> list[str]:
        """Paths of other pages of the domain, each once, in order of appearance."""
        paths: dict[str, None] = {}
        for href in hrefs:
            if len(paths) >= limit:
                break
            path = self.path_of(href)
            if path and self._own and path != self._own[1]:
                paths[path] = None
        return list(paths)


def first_title(document: Document) -> str:
    """The first title of a document, white space collapsed."""
    titles = document.of("title")
    return " ".join(titles[0].text.split()) if titles else ""


def is_secure(url: str) -> bool:
    """Say whether a URL is served over TLS."""
    return urlsplit(url).scheme == "https"
