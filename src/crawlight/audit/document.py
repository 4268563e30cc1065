"""HTML, parsed once into plain values: everything that the checks look at, and nothing of the tree."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import ada_url
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlight.audit.check import MAX_TEXT, bounded
from crawlight.audit.reading import Read, read
from crawlight.audit.words import count_words

_WANTED: Final = (
    "html,base,title,meta,link,h1,h2,h3,h4,h5,h6,a,area,img,script,iframe,source,video,audio,form"
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WITH_TEXT: Final = frozenset({"a", "title", "script"}) | _HEADINGS

_MOST_ELEMENTS: Final = 20_000
"""Links, images and the like of a page that are looked at."""

_NO_TEXT: Final = "script,style,template,svg,iframe,select,datalist,object"
_FRAME: Final = "nav,footer,aside,[role=navigation],[role=contentinfo],[role=banner],[role=complementary]"
"""What surrounds the main content of a page."""


@dataclass(slots=True)  # Not frozen: that makes each of a thousand elements three times as slow.
class Element:
    """One element: its tag, attributes (null where without a value) and text."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute without white space around it; empty where there is none."""
        return (self.attributes.get(name) or "").strip()

    @property
    def snippet(self) -> str:
        """The element as one would write it, bounded."""
        parts = [f"<{self.tag}"]
        for name, text in list(self.attributes.items())[:8]:
            parts.append(f" {name[:40]}" if text is None else f' {name[:40]}="{bounded(text, 100)}"')
        end = f">{bounded(self.text, 60)}</{self.tag}>" if self.text else ">"
        return bounded("".join(parts) + end, MAX_TEXT)


@dataclass
class Document:
    """The elements of interest by tag, in the order of the document, and its text."""

    read: Read
    elements: dict[str, list[Element]] = field(default_factory=lambda: defaultdict(list))
    headings: list[Element] = field(default_factory=list)
    crowded: bool = False
    """Whether there are more elements than are looked at."""
    text: str = ""
    """All text that people see."""
    main_text: str = ""
    """The text without navigation, header, footer and asides."""

    @cached_property
    def words(self) -> int:
        """Words of all text."""
        return count_words(self.text)

    @cached_property
    def main_words(self) -> int:
        """Words of the main text."""
        return count_words(self.main_text)

    def of(self, *tags: str) -> list[Element]:
        """Elements of these tags, one tag after the other."""
        return [element for tag in tags for element in self.elements.get(tag, ())]

    def links(self, rel: str) -> Iterator[Element]:
        """``link`` elements of a relation."""
        return (link for link in self.of("link") if rel in link.get("rel").lower().split())

    def metas(self, name: str) -> list[Element]:
        """``meta`` elements by name (or property), in any case."""
        return [meta for meta in self.of("meta") if name in (_lower(meta, "name"), _lower(meta, "property"))]

    def meta(self, *names: str) -> str:
        """The first content that is not empty of metas by name; empty where there is none."""
        contents = (meta.get("content") for name in names for meta in self.metas(name))
        return next(filter(None, contents), "")

    def base(self, url: str) -> str:
        """The URL that the document's relative ones start from."""
        href = next((base.get("href") for base in self.of("base") if base.get("href")), "")
        return joined(url, href) or url


def parse(html: str | bytes, content_type: str = "") -> Document:
    """Parse HTML, of which only what a crawler would read; never fails."""
    given = read(html, content_type)
    document = Document(given)
    tree = LexborHTMLParser(given.text)
    for node in tree.css("noscript"):
        node.decompose()  # Nobody who runs scripts sees it.
    nodes = tree.css(_WANTED)
    for node in nodes[:_MOST_ELEMENTS]:
        _collect(document, node)
    document.crowded = len(nodes) > _MOST_ELEMENTS
    _collect_text(document, tree)
    return document


def joined(base: str, href: str) -> str:
    """An absolute URL from a relative one; empty where it is none."""
    try:
        return ada_url.join_url(base, href)
    except (ValueError, UnicodeError):
        return ""


def _collect(document: Document, node: LexborNode) -> None:
    tag = node.tag or ""
    if tag == "title" and _inside(node, "svg"):
        return
    element = Element(tag, node.attributes, _text_of(node, tag) if tag in _WITH_TEXT else "")
    document.elements[tag].append(element)
    if tag in _HEADINGS:
        document.headings.append(element)


def _text_of(node: LexborNode, tag: str) -> str:
    """The text of an element; of a link or heading without one, the alternative texts of its images."""
    text = node.text(separator="" if tag in ("script", "title") else " ").strip()
    if text or tag in ("script", "title") or node.first_child is None:
        return text
    return " ".join(image.attributes.get("alt") or "" for image in node.css("img[alt]")[:5]).strip()


def _inside(node: LexborNode, tag: str) -> bool:
    parent = node.parent
    return parent is not None and parent.tag == tag


def _collect_text(document: Document, tree: LexborHTMLParser) -> None:
    """Read the text last: it takes the tree apart."""
    body = tree.body
    if body is None:
        return
    for node in body.css(_NO_TEXT):
        node.decompose()
    document.text = body.text(separator=" ")
    main = body.css_first("main,[role=main]")
    for node in body.css(_FRAME if main else f"{_FRAME},header"):
        if node.mem_id != (main.mem_id if main else None):
            node.decompose()
    document.main_text = (main or body).text(separator=" ")


def _lower(element: Element, name: str) -> str:
    return element.get(name).lower()
