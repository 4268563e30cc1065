"""A parsed page as plain values: everything that the checks look at, and nothing of the tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import ada_url
import msgspec
from selectolax.lexbor import LexborNode

from crawlight.audit.reading import Read
from crawlight.audit.text import MAX_TEXT, bounded
from crawlight.audit.words import Words, count_words


class Element(msgspec.Struct, gc=False):  # A page has thousands: of structs, they are made quickest.
    """One element. Its text is read at once; attributes are, when they are asked for, as most never are."""

    tag: str
    node: LexborNode
    text: str = ""
    in_head: bool = False
    """Whether the parser put it into the head; told of titles, metas, links and bases only."""

    def get(self, name: str) -> str:
        """An attribute without white space around it; empty where there is none."""
        return (self.node.attrs.get(name) or "").strip()

    def has(self, name: str) -> bool:
        """Whether there is such an attribute, with a value or without."""
        return name in self.node.attrs

    @property
    def snippet(self) -> str:
        """The element as one would write it, bounded."""
        parts = [f"<{self.tag}"]
        for name, text in list(self.node.attributes.items())[:8]:
            parts.append(f" {name[:40]}" if text is None else f' {name[:40]}="{bounded(text, 100)}"')
        end = f">{bounded(self.text, 60)}</{self.tag}>" if self.text else ">"
        return bounded("".join(parts) + end, MAX_TEXT)


@dataclass
class Document:
    """The elements of interest by tag, in the order of the document, and its text."""

    read: Read
    elements: dict[str, list[Element]]
    headings: list[Element]
    crowded: bool
    """Whether there are more elements than are looked at."""
    head_end: str = ""
    """What ended the head that does not belong there; empty where the body began as it should."""
    unquoted_words: int = 0
    """Words that ``data-nosnippet`` keeps out of search results."""
    main_text: str = ""
    """The text without navigation, header, footer and asides."""
    other_text: str = ""
    """The rest of the text that people see."""

    @cached_property
    def words(self) -> int:
        """Words of all text."""
        return (self._main + count_words(self.other_text)).number

    @property
    def main_words(self) -> int:
        """Words of the main text."""
        return self._main.number

    @cached_property
    def _main(self) -> Words:
        return count_words(self.main_text)

    def of(self, *tags: str) -> list[Element]:
        """Elements of these tags, one tag after the other."""
        return [element for tag in tags for element in self.elements.get(tag, ())]

    def links(self, rel: str) -> Iterator[Element]:
        """``link`` elements of a relation."""
        return (link for link in self.of("link") if rel in link.get("rel").lower().split())

    def head_links(self, rel: str) -> Iterator[Element]:
        """``link`` elements of a relation in the head, where search engines look for them."""
        return (link for link in self.links(rel) if link.in_head)

    def metas(self, name: str) -> list[Element]:
        """``meta`` elements by name (or property), in any case."""
        return self._metas.get(name, [])

    @cached_property
    def _metas(self) -> dict[str, list[Element]]:
        named: dict[str, list[Element]] = {}
        for meta in self.of("meta"):
            for name in {meta.get("name").lower(), meta.get("property").lower()}:
                named.setdefault(name, []).append(meta)
        return named

    @cached_property
    def anchors(self) -> list[tuple[Element, str]]:
        """``a`` elements, and their href: empty where it is or where there is none."""
        return [(link, (link.node.attrs.get("href") or "").strip()) for link in self.elements.get("a", ())]

    def meta(self, *names: str) -> str:
        """The first content that is not empty of metas by name; empty where there is none."""
        contents = (meta.get("content") for name in names for meta in self.metas(name))
        return next(filter(None, contents), "")

    def base(self, url: str) -> str:
        """The URL that the document's relative ones start from."""
        href = next((base.get("href") for base in self.of("base") if base.get("href")), "")
        return joined(url, href) or url


@dataclass
class Skimmed:
    """What is compared of the HTML that the site ships with the rendered page."""

    read: Read
    title: str
    """The first title, white space collapsed."""
    has_h1: bool
    links: int
    """``a`` elements with an address."""
    words: int
    crowded: bool
    head: Document
    """Its bases, links and metas."""


def joined(base: str, href: str) -> str:
    """An absolute URL from a relative one; empty where it is none."""
    try:
        return ada_url.join_url(base, href)
    except (ValueError, UnicodeError):
        return ""
