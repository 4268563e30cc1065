"""From the HTML of a page to its markdown: what the page is, what it says, and what it says of itself to machines."""

import json
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from crawlight.audit.document import joined
from crawlight.audit.reading import read
from crawlight.audit.text import bounded
from crawlight.markdown.blocks import Writer
from crawlight.markdown.content import content_of
from crawlight.markdown.facts import read_facts, written
from crawlight.markdown.text import Markdown
from crawlight.markdown.tree import build

_UTF8: Final = "text/html; charset=utf-8"
_LONGEST: Final = 500


def to_markdown(html: str | bytes, url: str) -> Markdown:
    """The markdown of a page's HTML (bytes in UTF-8) and URL; never fails, but see `sparing`.

    Front matter is YAML with title, description, canonical, date, modified and lang, as far as the page says them.
    """
    tree = LexborHTMLParser(read(html, _UTF8).octets)
    base = joined(url, _attribute(tree, "base[href]", "href")) or url
    facts = read_facts(tree)
    body = Writer(base).document(content_of(build(tree)))
    about = {
        "title": _title(tree),
        "description": _meta(tree, "description", "og:description", "twitter:description"),
        "canonical": joined(base, _attribute(tree, "link[rel=canonical][href]", "href")) or url,
        "date": facts.published or _meta(tree, "article:published_time", "date"),
        "modified": facts.modified or _meta(tree, "article:modified_time"),
        "lang": _attribute(tree, "html[lang]", "lang"),
    }
    parts = [_front_matter(about), body, written(facts, body)]
    return Markdown("\n\n".join(filter(None, parts)) + "\n")


def _front_matter(about: dict[str, str]) -> str:
    """YAML; texts are written as JSON, which is YAML, so that no page can end its front matter."""
    lines = [f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in about.items() if text]
    return "\n".join(["---", *lines, "---"])


def _title(tree: LexborHTMLParser) -> str:
    title = tree.css_first("head > title") or tree.css_first("title")
    text = title.text() if title is not None else ""
    return _line(text) or _meta(tree, "og:title")


def _meta(tree: LexborHTMLParser, *names: str) -> str:
    for name in names:
        for kind in ("name", "property"):
            if text := _attribute(tree, f'meta[{kind}="{name}" i][content]', "content"):
                return text
    return ""


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return _line(node.attributes.get(name) or "") if node is not None else ""


def _line(text: str) -> str:
    """A text as one line: line breaks of all kinds are white space, and control characters nothing."""
    return bounded(
        " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST]).split()), _LONGEST
    )
