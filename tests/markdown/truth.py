"""Pages of real shapes with their truth: which words are the main text, and which are navigation.

``data-truth`` says it of an element and what is in it: ``main``, ``nav``, or ``free`` for what may stand in the
markdown or not. The marks are taken out before anybody reads the page.
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

HERE = Path(__file__).parent
PAGES = sorted((HERE / "pages").glob("*.html"))
UNKIND = sorted((HERE / "unkind").glob("*.html"))
URL = "https://example.com/section/page"

_MARK = re.compile(r' data-truth="\w+"')
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
_TEXTLESS = {"script", "style", "template", "svg", "select", "textarea", "title", "head"}


class Truth(NamedTuple):
    """A page as it would come, and its words by what they are."""

    html: str
    main: Counter[str]
    nav: Counter[str]
    free: Counter[str]


def truth(path: Path) -> Truth:
    marked = path.read_text(encoding="utf-8")
    found: dict[str, Counter[str]] = {"main": Counter(), "nav": Counter(), "free": Counter()}
    root = LexborHTMLParser(marked).root
    assert root is not None
    _collect(root, "free", found)
    return Truth(_MARK.sub("", marked), found["main"], found["nav"], found["free"])


def words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def text_of(markdown: str) -> str:
    """The words of markdown: without the targets of links, front matter and marks."""
    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL)
    body = re.sub(r"^```.*$", "", body, flags=re.MULTILINE)
    body = re.sub(r"!\[(?:[^\]\\]|\\.)*\]\([^)\s]*(?: \"[^\"]*\")?\)", "", body)
    body = re.sub(r"\]\((?:<[^>]*>|[^)\s]*)(?: \"[^\"]*\")?\)", "] ", body)
    return re.sub(r"\\(?=[^\w\s])", "", body)


def kept(page: Truth, markdown: str) -> tuple[float, float]:
    """The share of the main text's words that the markdown has, and of the navigation's words."""
    got = words(text_of(markdown))
    main = sum((got & page.main).values()) / page.main.total()
    surplus = got - page.main - page.free
    nav = sum((surplus & page.nav).values()) / max(page.nav.total(), 1)
    return main, nav


def _collect(node: LexborNode, inherited: str, found: dict[str, Counter[str]]) -> None:
    for child in node.iter(include_text=True):
        if child.is_text_node:
            found[inherited].update(words(child.text(deep=False)))
        elif child.tag not in _TEXTLESS:
            _collect(child, child.attributes.get("data-truth") or inherited, found)
