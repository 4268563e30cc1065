"""A page's body as a small tree of our own: what can be read in it, measured, and nothing that is hidden."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

_DEEPEST: Final = 120
"""What lies deeper is read as if it lay here: the tree is walked by functions that call themselves."""

# What has no text of the page. A checkbox is looked at in lists of tasks.
_WITHOUT_TEXT = """
script style template noscript svg object embed applet select datalist textarea canvas audio progress meter
map frameset link meta base title head param source track
"""
_TEXTLESS: Final = frozenset(_WITHOUT_TEXT.split())
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_OF_BLOCKS = """
address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form
header hgroup hr li main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul caption
legend
"""
BLOCKS: Final = HEADINGS | frozenset(_OF_BLOCKS.split())
_MARKS: Final = HEADINGS | {"a", "button", "input"}
_HIDERS: Final = frozenset({"hidden", "aria-hidden", "style"})
_HIDING: Final = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_UNFOLDED: Final = frozenset({"tabpanel", "region"})
_LINED: Final = re.compile("[\n\r\t\f\v\xa0\u2028\u2029\u202f\u3000]")
_LOGO: Final = re.compile(r"\blogo\b|\bbrand|\bsite-?(?:title|name)\b|menu-title", re.IGNORECASE)
_LONG_BUTTON: Final = 60

Attributes = Mapping[str, str | None]


class Element(msgspec.Struct, gc=False):  # A page has thousands: of structs, they are made quickest.
    """An element. ``size`` and ``linked`` are in characters: of its text, and of that inside of links."""

    tag: str
    attributes: Attributes
    children: "list[Element | str]"
    inside_link: bool = False
    literal: bool = False
    """Whether white space in it counts."""
    size: int = 0
    linked: int = 0
    marked: bool = False
    """Whether there are links, headings or fields in it, or it is one: only then is any of the following told."""
    links: int = 0
    leading: int = 0
    """Links that lead further down the same page."""
    fields: int = 0
    """Fields of forms."""
    titled: bool = False
    """Whether the title of the content is in it: an h1 that is not the site's name."""
    headings: int = 0
    nested: bool = False
    """Whether there are elements in it."""
    block: bool = False
    """Whether it is no part of a line: a block, or around one."""
    teasers: int = 0
    """Headings that are links, or in links: the mark of cards and teasers, which no navigation has."""

    def get(self, name: str) -> str:
        """An attribute without white space around it; empty where there is none."""
        return (self.attributes.get(name) or "").strip()

    @property
    def prose(self) -> int:
        """Characters that are no links."""
        return self.size - self.linked

    @property
    def density(self) -> float:
        """The share of links in its text."""
        return self.linked / self.size if self.size else 0.0

    def elements(self) -> "Iterator[Element]":
        """Its children that are elements."""
        return (child for child in self.children if isinstance(child, Element))

    def walk(self) -> "Iterator[Element]":
        """Itself and all elements in it, in the order of the document."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            if one.nested:
                waiting.extend(child for child in reversed(one.children) if isinstance(child, Element))

    def text(self) -> str:
        """All text in it, white space collapsed."""
        pieces: list[str] = []
        self._tell(pieces)
        return squeezed("".join(pieces))

    def _tell(self, pieces: list[str]) -> None:
        for child in self.children:
            if isinstance(child, str):
                pieces.append(child)
            elif child.block or child.tag == "br":
                pieces.append(" ")
                child._tell(pieces)
                pieces.append(" ")
            else:
                child._tell(pieces)


def build(tree: LexborHTMLParser) -> Element:
    """The body of a parsed page, measured. Takes time in proportion to the page."""
    root = Element("body", {}, [])
    if tree.body is not None:
        _copy(tree.body, root, 0, _unfolded(tree))
    return root


def _copy(node: LexborNode, owner: Element, depth: int, unfolded: frozenset[str]) -> None:
    """Copy what can be read in a node, and measure it."""
    children = owner.children
    child = node.first_child
    while child is not None:
        if child.is_text_node:
            text = child.text_content or ""
            children.append(text if owner.literal else collapsed(text))
        elif child.is_element_node and (element := _element(child, owner, unfolded)) is not None:
            if depth < _DEEPEST:
                children.append(element)
                _copy(child, element, depth + 1, unfolded)
            else:
                _copy_flat(child, owner, unfolded)
        child = child.next
    measure(owner)


def _copy_flat(top: LexborNode, owner: Element, unfolded: frozenset[str]) -> None:
    """Copy the texts that can be read in a node, however deep they lie."""
    above = [top]
    node = top.first_child
    while node is not None or len(above) > 1:
        if node is None:
            node = above.pop()
        elif node.is_text_node:
            text = node.text_content or ""
            owner.children.append(text if owner.literal else collapsed(text))
        elif node.is_element_node and _element(node, owner, unfolded) is not None:
            above.append(node)
            node = node.first_child
            continue
        node = node.next


def _element(node: LexborNode, owner: Element, unfolded: frozenset[str]) -> Element | None:
    tag = node.tag or ""
    if tag in _TEXTLESS:
        return None
    attributes = node.attributes
    if not _HIDERS.isdisjoint(attributes) and _is_hidden(attributes, unfolded):
        return None
    if tag == "dialog" and "open" not in attributes:
        return None
    return Element(tag, attributes, [], owner.inside_link or tag == "a", owner.literal or tag == "pre")


def collapsed(text: str) -> str:
    """A text with one space for all white space between two words, and one at either end where there was any."""
    if text.isspace():
        return " "
    line = text.replace("\n", " ")
    if _is_even(line):
        return line
    if "  " not in text and _LINED.search(text) is None:
        return text
    inner = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if text[-1:].isspace() else ''}"


def squeezed(text: str) -> str:
    """A text with one space for all white space between two words, and none at either end."""
    return text.strip() if _is_even(text) else " ".join(text.split())


def _is_even(text: str) -> bool:
    """Whether no two words can have more than one space between: most text is so, and told much quicker than split."""
    return text.isascii() and "  " not in text and text.isprintable()


def measure(element: Element) -> None:
    """Measure an element by what its children, measured already, are now."""
    size = linked = 0
    nested, block = False, element.tag in BLOCKS
    with_marks: list[Element] = []
    for child in element.children:
        if isinstance(child, str):
            size += len(child.strip())
            continue
        nested = True
        size += child.size
        linked += child.linked
        block |= child.block
        if child.marked:
            with_marks.append(child)
    element.size, element.linked = size, size if element.inside_link else linked
    element.nested, element.block = nested, block
    if with_marks or element.marked:
        _add_up(element, with_marks)
    if element.tag in _MARKS:
        _count(element)


def _add_up(element: Element, with_marks: list[Element]) -> None:
    links = leading = fields = headings = teasers = 0
    titled = False
    for child in with_marks:
        links += child.links
        leading += child.leading
        fields += child.fields
        headings += child.headings
        teasers += child.teasers
        titled |= child.titled
    element.links, element.leading, element.fields = links, leading, fields
    element.headings, element.teasers, element.titled = headings, teasers, titled
    element.marked = bool(with_marks)


def _count(element: Element) -> None:
    tag = element.tag
    element.marked = True
    if tag == "a":
        if "href" in element.attributes:
            element.links += 1
            element.leading += (element.attributes["href"] or "").lstrip().startswith("#")
    elif tag == "button":
        element.fields += 1
        element.block = _says(element)
        if not element.block:
            element.children = []
            element.size = element.linked = 0
    elif tag == "input":
        element.fields += element.get("type") != "hidden"
    elif tag in HEADINGS:
        element.headings += 1
        element.teasers += element.inside_link or (element.links > 0 and element.leading == 0)
        element.titled = tag == "h1" and not _is_logo(element)


def _says(button: Element) -> bool:
    """Whether a button is content: it unfolds some, or is a whole card."""
    unfolds = "aria-controls" in button.attributes or "aria-expanded" in button.attributes
    return button.get("role") != "tab" and (unfolds or button.headings > 0 or button.size > _LONG_BUTTON)


def _is_logo(heading: Element) -> bool:
    """Whether a heading is the name of the site, as some write it on every page."""
    if _LOGO.search(f"{heading.get('class')} {heading.get('id')}"):
        return True
    home = [
        link for link in heading.walk() if link.tag == "a" and link.get("href") in ("/", "./", "index.html")
    ]
    return bool(home) and heading.prose == 0


def _unfolded(tree: LexborHTMLParser) -> frozenset[str]:
    """Ids of what a button of the page unfolds: that is content, also while it is folded."""
    buttons = tree.css("button[aria-controls],[role=button][aria-controls],[role=tab][aria-controls]")
    return frozenset(_named(buttons))


def _named(buttons: list[LexborNode]) -> Iterator[str]:
    for button in buttons:
        if "dialog" not in (button.attributes.get("aria-haspopup") or ""):
            yield from (button.attributes.get("aria-controls") or "").split()


def _is_hidden(attributes: Attributes, unfolded: frozenset[str]) -> bool:
    style = attributes.get("style")
    hidden = (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or (style is not None and _HIDING.search(style) is not None)
    )
    if not hidden or "math" in (attributes.get("class") or ""):
        return False
    role = attributes.get("role") or ""
    return not (role in _UNFOLDED or (attributes.get("id") or "") in unfolded) or role == "dialog"
