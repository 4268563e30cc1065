"""From HTML to a document: the tree is walked once, and what the checks look at is taken out of it."""

from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlight.audit.document import Document, Element, Skimmed
from crawlight.audit.heads import scanned
from crawlight.audit.reading import read
from crawlight.audit.words import count_words

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_BARE: Final = (
    "html",
    "base",
    "meta",
    "link",
    "area",
    "img",
    "iframe",
    "source",
    "video",
    "audio",
    "form",
    "object",
)
"""Elements that are looked at without their text."""
_LISTED: Final = (*_BARE, "script", "title", "a", "heading")
_TEXTLESS: Final = ("script", "style", "template", "svg", "iframe", "select", "datalist", "object")
"""Elements whose text is none of the page's."""
_FRAME: Final = ("nav", "footer", "aside")
_FRAME_ROLES: Final = frozenset({"navigation", "contentinfo", "banner", "complementary"})
"""What surrounds the main content of a page. A header does, too, unless a part of the page is marked as main."""

_OF_HEADS: Final = frozenset({"base", "link", "meta"})
_UNQUOTED: Final = b"data-nosnippet"
_MOST_UNQUOTED: Final = 200
"""Elements that are kept out of snippets, of which the words are counted."""

_MOST_ELEMENTS: Final = 20_000
"""Links, images and the like of a page that are looked at."""

Nodes = dict[str, list[LexborNode]]
"""Elements by tag, those of one tag in the order of the document. Headings of all levels are one tag here."""


def _numbers() -> dict[int, str]:
    """The parser's numbers of the tags above: quicker to ask for than the names, of every element of a page."""
    factory = LexborHTMLParser("")
    names = {tag: tag for tag in (*_LISTED, *_TEXTLESS, *_FRAME, "header")} | dict.fromkeys(
        _HEADINGS, "heading"
    )
    return {
        node.tag_id: name for tag, name in names.items() if (node := factory.create_node(tag)) is not None
    }


_TAGS: Final = _numbers()


def parse(html: str | bytes, content_type: str = "") -> Document:
    """Parse HTML, of which only what a crawler would read; never fails."""
    given = read(html, content_type)
    head = scanned(given.octets)
    tree, nodes = _parsed(head.octets)
    listed, crowded = _listed(tree, nodes)
    headings = [Element(node.tag or "", node, _text_of(node)) for node in listed["heading"]]
    document = Document(given, _elements(listed, headings), headings, crowded, head.end)
    if tree.body is not None:
        document.unquoted_words = _unquoted(tree.body) if _UNQUOTED in head.octets else 0
        document.main_text, document.other_text = _texts(tree.body, nodes)
    return document


def skim(html: str | bytes, content_type: str = "") -> Skimmed:
    """Parse HTML for what is compared of it only, which takes a fraction of the time; never fails."""
    given = read(html, content_type)
    tree, nodes = _parsed(scanned(given.octets).octets)
    listed, crowded = _listed(tree, nodes)
    title = next((node.text() for node in listed["title"] if not _inside(node, "svg")), "")
    heading = any(node.tag == "h1" for node in listed["heading"])
    links = sum(1 for node in listed["a"] if (node.attrs.get("href") or "").strip())
    words = 0
    if tree.body is not None:
        _drop_textless(nodes)
        words = count_words(tree.body.text(separator=" ")).number
    elements = {tag: [_element(tag, node) for node in listed[tag]] for tag in ("base", "link", "meta")}
    return Skimmed(
        given, " ".join(title.split()), heading, links, words, crowded, Document(given, elements, [], crowded)
    )


def _parsed(octets: bytes) -> tuple[LexborHTMLParser, Nodes]:
    tree = LexborHTMLParser(octets)
    for node in tree.tags("noscript"):
        node.decompose()  # Nobody who runs scripts sees it.
    nodes: Nodes = {tag: [] for tag in _TAGS.values()}
    lists = {number: nodes[tag] for number, tag in _TAGS.items()}
    for node in tree.root.traverse() if tree.root is not None else ():
        if (same := lists.get(node.tag_id)) is not None:
            same.append(node)
    return tree, nodes


def _listed(tree: LexborHTMLParser, nodes: Nodes) -> tuple[Nodes, bool]:
    """The elements that the checks look at, the first of the document; and whether there are more than those."""
    if sum(len(nodes[tag]) for tag in _LISTED) <= _MOST_ELEMENTS or tree.root is None:
        return nodes, False
    in_order = (node.mem_id for node in tree.root.traverse() if _TAGS.get(node.tag_id) in _LISTED)
    first = set(islice(in_order, _MOST_ELEMENTS))
    return {tag: [node for node in some if node.mem_id in first] for tag, some in nodes.items()}, True


def _elements(listed: Nodes, headings: list[Element]) -> dict[str, list[Element]]:
    elements = {tag: [_element(tag, node) for node in listed[tag]] for tag in _BARE}
    elements["script"] = [Element("script", node, node.text().strip()) for node in listed["script"]]
    titles = (node for node in listed["title"] if not _inside(node, "svg"))
    elements["title"] = [
        Element("title", node, node.text().strip(), _inside(node, "head")) for node in titles
    ]
    elements["a"] = [Element("a", node, _text_of(node)) for node in listed["a"]]
    elements["h1"] = [heading for heading in headings if heading.tag == "h1"]
    return elements


def _element(tag: str, node: LexborNode) -> Element:
    return Element(tag, node, "", tag in _OF_HEADS and _inside(node, "head"))


def _text_of(node: LexborNode) -> str:
    """The text of a link or heading; of one without, the alternative texts of its images."""
    if (text := node.text(separator=" ").strip()) or node.first_child is None:
        return text
    return " ".join(image.attrs.get("alt") or "" for image in node.css("img[alt]")[:5]).strip()


def _inside(node: LexborNode, tag: str) -> bool:
    parent = node.parent
    return parent is not None and parent.tag == tag


def _unquoted(body: LexborNode) -> int:
    """Words of the outermost elements that search engines may not quote from: spans, divs and sections only."""
    marked = body.css("span[data-nosnippet],div[data-nosnippet],section[data-nosnippet]")
    inner = {
        one.mem_id for node in marked for one in node.css("[data-nosnippet]") if one.mem_id != node.mem_id
    }
    outer = [node for node in marked if node.mem_id not in inner]
    return sum(count_words(node.text(separator=" ")).number for node in outer[:_MOST_UNQUOTED])


def _texts(body: LexborNode, nodes: Nodes) -> tuple[str, str]:
    """The main text, and the rest. It takes the tree apart, so that every piece of text is read once."""
    _drop_textless(nodes)
    main = body.css_first("main,[role=main]")
    kept = main.mem_id if main is not None else None
    frames = [node for tag in (_FRAME if main is not None else (*_FRAME, "header")) for node in nodes[tag]]
    frames += [node for node in body.css("[role]") if node.attrs.get("role") in _FRAME_ROLES]
    around = [_taken_out(node) for node in frames if node.mem_id != kept]
    if main is None or kept == body.mem_id:
        return body.text(separator=" "), " ".join(around)
    text = main.text(separator=" ")
    main.decompose(recursive=False)  # It is left as it is, only not below the body any more.
    return text, " ".join([*around, body.text(separator=" ")])


def _drop_textless(nodes: Nodes) -> None:
    for tag in _TEXTLESS:
        for node in nodes[tag]:
            node.decompose()


def _taken_out(node: LexborNode) -> str:
    text = node.text(separator=" ")
    node.decompose()
    return text
