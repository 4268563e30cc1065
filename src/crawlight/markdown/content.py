"""What of a page is its content: the part that is marked as such, without what its names say leads elsewhere."""

from typing import Final

from crawlight.markdown.names import Kind, kind_of, leads_elsewhere
from crawlight.markdown.structure import without_surroundings
from crawlight.markdown.tree import HEADINGS, Element, measure

_MAIN_SHARE: Final = 0.3
"""Of a page's text: with less, what is marked as main is not all of it."""
_MOST: Final = 0.4
"""Of the content's text: with more, it is no surroundings, whatever it is called."""
_LITTLE: Final = 80
"""Characters that say next to nothing."""
_FORM: Final = 400

_PIECES: Final = frozenset(
    {"a", "p", "span", "b", "i", "em", "strong", "code", "pre", "td", "th", "tr", "tbody", "br"}
)
"""Pieces of text and of tables: none is surroundings for its name."""
_PLAIN: Final = HEADINGS | (_PIECES - {"a"}) | {"li"}
"""Without attributes, these are none either."""
_OVERLAID: Final = frozenset({"dialog", "alertdialog"})
_NEVER_CONTENT: Final = _OVERLAID | {
    "navigation",
    "search",
    "menu",
    "menubar",
    "toolbar",
    "tablist",
    "tooltip",
}
_HOLDERS: Final = frozenset({"article", "blockquote", "figure", "q", "li", "td", "details"})
"""In these, feet and headers are theirs."""


def content_of(body: Element) -> Element:
    """The content of a page; the tree is taken apart for it."""
    main = _main(body)
    if main is None:
        _prune(body, body.prose, held=False)
        return without_surroundings(body)
    titles = [] if main.titled else _titles(body, main)
    _prune(main, main.prose, held=False)
    root = Element("body", {}, [*titles, main])
    measure(root)
    return without_surroundings(root)


def _main(body: Element) -> Element | None:
    """The largest part that is marked as main, if it is most of what is no navigation."""
    main = _largest_main(body)
    if main is None:
        return None
    around = sum(_prose_beside(child, main) for child in body.elements())
    return main if main.prose >= _MAIN_SHARE * (main.prose + around) else None


def _largest_main(body: Element) -> Element | None:
    """The first of the largest parts that are marked as main; what is smaller than one found is not looked at."""
    largest, size = None, 0
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if one.size <= size:
            continue
        if one.tag == "main" or one.attributes.get("role") == "main":
            largest, size = one, one.size
        if one.nested:
            waiting += [child for child in reversed(one.children) if isinstance(child, Element)]
    return largest


def _prose_beside(element: Element, main: Element) -> int:
    """Characters that are neither links, nor main, nor in what is marked as surroundings."""
    if (
        element is main
        or element.tag in ("nav", "header", "footer", "aside")
        or element.get("role") in _OVERLAID
        or _kind(element) is Kind.OVERLAY
    ):
        return 0
    inner = sum(child.prose for child in element.elements())
    return element.prose - inner + sum(_prose_beside(child, main) for child in element.elements())


def _titles(body: Element, main: Element) -> list[Element]:
    """What has the page's title outside of its main part: a header that tells what the page is about."""
    if not body.titled:
        return []
    header = body
    while (inner := next((one for one in header.elements() if one.titled), None)) is not None:
        header = inner
        if header.tag in ("header", "h1") or header.get("role") == "banner":
            break
    if header is body or any(one is main for one in header.walk()):
        return []
    _prune(header, header.prose, held=False)
    return [header]


def _prune(element: Element, prose: int, *, held: bool) -> bool:
    """Take out what is no content; say whether there was any. ``held``: whether it is in an article or the like."""
    changed = False
    gone: set[int] = set()
    for child in element.elements():
        if (child.attributes or child.tag not in _PLAIN) and _is_surroundings(child, prose, held):
            gone.add(id(child))
        elif child.nested:
            changed |= _prune(child, prose, held=held or child.tag in _HOLDERS)
    if gone:
        element.children = [child for child in element.children if id(child) not in gone]
    if gone or changed:
        measure(element)
    return bool(gone) or changed


def _is_surroundings(element: Element, prose: int, held: bool) -> bool:
    if element.titled or element.size - element.linked > _MOST * prose:
        return False
    tag, kind = element.tag, _kind(element)
    role = element.get("role") if "role" in element.attributes else ""
    if kind is Kind.OVERLAY or tag == "nav" or (role and role in _NEVER_CONTENT):
        return True
    if tag in _PIECES:
        return tag == "a" and _is_skip(element)
    if tag == "form" or (tag == "fieldset" and element.fields):
        return _is_bare_form(element)
    return _by_tag(element, role, held) or _by_name(element, kind, held) or _by_links(element)


def _kind(element: Element) -> Kind:
    given = element.attributes
    classes, name = given.get("class") or "", given.get("id") or ""
    own = element.tag if "-" in element.tag else ""
    return kind_of(f"{classes} {name} {own}") if classes or name or own else Kind.UNSAID


def _is_skip(link: Element) -> bool:
    return link.leading > 0 and "skip" in f"{link.get('class')} {link.text().lower()}"


def _is_bare_form(element: Element) -> bool:
    return element.fields > 0 and element.size < _FORM and element.headings < 2


def _by_tag(element: Element, role: str, held: bool) -> bool:
    tag = element.tag
    if tag == "footer" or role == "contentinfo":
        return not held or element.density >= 0.3
    if tag == "header" or role == "banner":
        return not held and (element.density >= 0.3 or role == "banner") and element.teasers == 0
    if tag == "aside" or role == "complementary":
        return element.density >= 0.3 or (element.headings > 0 and element.links > 1)
    return False


def _by_name(element: Element, kind: Kind, held: bool) -> bool:
    if kind is Kind.ELSEWHERE:
        return element.density >= 0.25 or (element.size < _LITTLE and not element.headings)
    if kind is Kind.FOOT:
        return not held
    return kind is Kind.ADVERT or (kind is Kind.FRAME and _frames(element))


def _frames(element: Element) -> bool:
    return element.teasers == 0 and element.density >= (0.25 if element.links > 2 else 0.5)


def _by_links(element: Element) -> bool:
    """Contents lists, and what a heading says leads elsewhere."""
    if not element.linked:
        return False
    if element.links > 1 and element.leading == element.links and element.density > 0.8:
        return True
    if not element.headings or element.density < 0.3 or element.tag in ("ul", "ol", "li", "table"):
        return False
    first = next((one for one in element.walk() if one.tag in ("h2", "h3", "h4", "h5")), None)
    return first is not None and leads_elsewhere(first.text())
