"""What of a page is its content, by where text and links are: for pages whose names say nothing."""

from itertools import pairwise
from typing import Final

from crawlight.markdown.tree import HEADINGS, Element, measure

_CORE_SHARE: Final = 0.7
"""Of the text that is no link: an element with so much of it is the content, or around it."""
_LONGER: Final = 3
"""Times: behind a text so much longer, teasers are of other pages; else they are what a list has."""
_TAIL: Final = 0.2
"""Of the content: what follows it, is smaller than this and has no heading belongs to the page's foot."""
_FEW_INDEXED: Final = 0.5
"""Of the content: where more of it is blocks of links, links are what the page is about."""
_BUTTON: Final = 30
"""Characters of a link that is a button, such as one to more of the same."""
_WHOLE: Final = HEADINGS | {"p", "pre", "ul", "ol", "dl", "blockquote", "span", "a"}
_ENDING: Final = ("©", "all rights reserved", "alle rechte vorbehalten", "tous droits réservés", "(c) 20")


def without_surroundings(root: Element) -> Element:
    """The content without what stands before, beside and behind it and is links; measured anew."""
    core = _path_to_core(root)
    _trim(core[-1])
    for outer, inner in reversed(list(pairwise(core))):
        place = next(number for number, child in enumerate(outer.children) if child is inner)
        before = [_before(child, inner) for child in outer.children[:place]]
        after = [_after(child, inner) for child in outer.children[place + 1 :]]
        outer.children = [child for child in (*before, inner, *after) if child is not None]
        measure(outer)
    return root


def _path_to_core(root: Element) -> list[Element]:
    """The elements from the root to the smallest one that has nearly all text that is no link."""
    path = [root]
    while True:
        outer = path[-1]
        inner = next((one for one in outer.elements() if one.prose > _CORE_SHARE * root.prose), None)
        if inner is None or inner.tag in _WHOLE:
            return path
        path.append(inner)


def _before(child: Element | str, core: Element) -> Element | str | None:
    if isinstance(child, str) or child.titled or child.headings:
        return _inside(child, core)
    return None if _is_links(child) else child


def _inside(child: Element | str, core: Element) -> Element | str:
    """The same for what is in an element that is kept."""
    if isinstance(child, Element) and child.tag not in ("h1", "h2", "h3", "table", "ul", "ol", "p"):
        child.children = [one for one in child.children if isinstance(one, str) or not _is_links(one)]
    return child


def _after(child: Element | str, core: Element) -> Element | str | None:
    if isinstance(child, str) or child.titled:
        return child
    if child.teasers:
        return None if child.density >= 0.7 and core.prose > _LONGER * child.size else child
    if _is_links(child) or (child.links > 1 and child.density >= 0.3) or _is_ending(child):
        return None
    slight = not child.headings and child.size < _TAIL * core.size and child.tag != "table"
    return None if slight and not _has_list(child) else child


def _is_links(element: Element) -> bool:
    """Whether it is links, and no cards of the page's own."""
    if element.teasers or not element.links:
        return False
    return element.density >= (0.7 if element.links > 1 else 0.9)


def _is_ending(element: Element) -> bool:
    return element.size < 600 and any(mark in element.text().lower() for mark in _ENDING)


def _has_list(element: Element) -> bool:
    return any(one.tag in ("li", "dt", "th", "p", "img") for one in element.walk())


def _trim(core: Element) -> None:
    """Take blocks of links away from both ends of the content, unless the page is about links."""
    blocks = [one for one in core.elements() if _is_block_of_links(one)]
    if sum(one.size for one in blocks) > _FEW_INDEXED * core.size:
        return
    core.children = _trimmed(core.children, last=False)
    core.children = _trimmed(core.children[::-1], last=True)[::-1]
    measure(core)


def _trimmed(children: list[Element | str], *, last: bool) -> list[Element | str]:
    """Children without blocks of links at their start; ``last`` says that they are turned round."""
    for place, child in enumerate(children):
        if isinstance(child, str):
            if child.strip():
                return children[place:]
        elif not _may_go(child, last) or (last and _is_introduced(children[place + 1 :])):
            return children[place:]
    return []


def _is_introduced(before: list[Element | str]) -> bool:
    """Whether what stands next is a heading: what follows it is content, links or not."""
    next_to = next((one for one in before if not isinstance(one, str) or one.strip()), None)
    return isinstance(next_to, Element) and next_to.tag in HEADINGS


def _is_block_of_links(element: Element) -> bool:
    return element.links > 1 and element.tag not in ("p", "a", "td", "li") and _is_links(element)


def _may_go(element: Element, last: bool) -> bool:
    if element.titled or element.prose > 200 or not element.size:
        return False
    if last and element.links == 1 and element.tag == "div" and element.size < _BUTTON and _is_links(element):
        return True
    return _is_block_of_links(element) or (last and not element.teasers and _is_ending(element))
