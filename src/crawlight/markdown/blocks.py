"""Blocks as markdown: headings, paragraphs, lists, code, quotes, tables."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from crawlight.markdown.inline import Inline, paragraph
from crawlight.markdown.tables import is_data, table
from crawlight.markdown.tree import BLOCKS, HEADINGS, Element

_DEEPEST: Final = 12
"""Lists and quotes in each other; deeper ones are written as if they were no further in."""
_LANGUAGE: Final = re.compile(
    r"(?:^|\s)(?:(?:lang|language|highlight-source|brush:?)[-\s]\s*|sourceCode\s+)([A-Za-z0-9_+#.-]{1,20})"
)
_NO_LANGUAGES: Final = frozenset({"text", "plain", "plaintext", "none", "nohighlight", "notranslate"})


class Writer:
    """Writes a tree as markdown. ``base`` is the URL that addresses of the page start from."""

    def __init__(self, base: str) -> None:
        self._inline = Inline(base)
        self._language = ""
        self._writers: dict[str, Callable[[Element, int], list[str]]] = {
            **dict.fromkeys(HEADINGS, self._heading),
            **dict.fromkeys(("ul", "ol", "menu"), self._list),
            **dict.fromkeys(("dt", "summary", "figcaption", "caption", "legend", "button"), self._term),
            "pre": self._code,
            "blockquote": self._quote,
            "table": self._table,
            "hr": self._rule,
            "a": self._card,
        }

    def document(self, root: Element) -> str:
        """The whole of it; empty where there is no text."""
        return "\n\n".join(self._blocks(root, 0))

    def _blocks(self, element: Element, depth: int) -> list[str]:
        """What is in an element, block after block."""
        if not element.nested:
            return self._paragraph(element.children)
        blocks: list[str] = []
        line: list[Element | str] = []
        for child in element.children:
            if isinstance(child, str) or not child.block:
                if line or child != " ":
                    line.append(child)
                continue
            if line:
                blocks += self._paragraph(line)
                line = []
            blocks += self._block(child, depth)
        return blocks + self._paragraph(line) if line else blocks

    def _paragraph(self, line: list[Element | str]) -> list[str]:
        text = paragraph(self._inline.line(line))
        return [text] if text else []

    def _block(self, element: Element, depth: int) -> list[str]:
        return self._writers.get(element.tag, self._part)(element, depth)

    def _part(self, element: Element, depth: int) -> list[str]:
        """A part of the page, which may say in which language the code in it is written."""
        if not element.nested:
            return self._paragraph(element.children)
        language = _language(element)
        if not language:
            return self._blocks(element, depth)
        outer, self._language = self._language, language
        blocks = self._blocks(element, depth)
        self._language = outer
        return blocks

    def _rule(self, _element: Element, _depth: int) -> list[str]:
        return ["---"]

    def _heading(self, element: Element, _depth: int, url: str = "") -> list[str]:
        if element.leading:
            _without_anchors(element)
        text = " ".join(self._inline.line(element.children).split())
        if not text:
            return []
        if url and "](" not in text:
            text = f"[{text}]({url})"
        return [f"{'#' * int(element.tag[1])} {text}"]

    def _term(self, element: Element, depth: int) -> list[str]:
        """A short line that what follows is about."""
        if any(child.block for child in element.elements()):
            return self._blocks(element, depth)
        text = " ".join(self._inline.line(element.children).split())
        plain = text and "**" not in text and element.tag not in ("figcaption",)
        return [f"**{text}**" if plain else text] if text else []

    def _code(self, element: Element, _depth: int) -> list[str]:
        text = _literal(element).strip("\n").rstrip()
        if not text:
            return []
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text) or [""]))
        language = next(filter(None, map(_language, _with_code(element))), self._language)
        return [f"{fence}{language}\n{text}\n{fence}"]

    def _list(self, element: Element, depth: int) -> list[str]:
        number = _start(element)
        items: list[tuple[str, list[str]]] = []
        for child in element.elements():
            blocks = self._item(child, depth + 1)
            if blocks:
                mark = f"{number}. " if element.tag == "ol" else "- "
                items.append((f"{mark}{_box(child)}", blocks))
                number += 1
        return [_joined(items, depth)] if items else []

    def _item(self, element: Element, depth: int) -> list[str]:
        return self._blocks(element, depth) if element.tag == "li" else self._block(element, depth)

    def _quote(self, element: Element, depth: int) -> list[str]:
        blocks = self._blocks(element, depth + 1)
        if not blocks or depth >= _DEEPEST:
            return blocks
        lines = "\n\n".join(blocks).split("\n")
        return ["\n".join(f"> {line}" if line else ">" for line in lines)]

    def _table(self, element: Element, depth: int) -> list[str]:
        if not is_data(element):
            return self._blocks(element, depth)
        written, caption = table(element, self._inline)
        return [part for part in (f"**{caption}**" if caption else "", written) if part]

    def _card(self, link: Element, depth: int) -> list[str]:
        """A link around blocks: its first heading becomes the link, or all of it where there is none."""
        url = self._inline.url(link.get("href"))
        heading = next((one for one in link.walk() if one.tag in HEADINGS), None)
        if heading is None or not url or link.get("href").startswith("#"):
            text = paragraph(self._inline.line([link]))
            return [text] if text else []
        blocks = self._blocks(link, depth)
        plain, linked = self._heading(heading, depth), self._heading(heading, depth, url)
        if plain and plain[0] in blocks:
            blocks[blocks.index(plain[0])] = linked[0]
        return blocks


def _without_anchors(heading: Element) -> None:
    """Take the signs out of a heading that link to itself."""
    for link in heading.walk():
        if link.tag == "a" and link.get("href").startswith("#") and len(link.text().strip("\u200b ")) < 2:
            link.children = []


def _literal(element: Element) -> str:
    """Text as it stands, of lines that may be elements."""
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag == "br":
            parts.append("\n")
        else:
            text = _literal(child)
            if child.tag in BLOCKS and parts and not parts[-1].endswith("\n"):
                parts.append("\n")
            parts.append(text)
            if child.tag in BLOCKS and not text.endswith("\n"):
                parts.append("\n")
    return "".join(parts)


def _with_code(element: Element) -> list[Element]:
    return [element, *(one for one in element.elements() if one.tag == "code")]


def _language(element: Element) -> str:
    """The language of code that an element's class names; empty where it names none."""
    if "data-language" in element.attributes and (named := element.get("data-language")):
        return _language_in(f"language-{named}")
    classes = element.attributes.get("class")
    return _language_in(classes) if classes else ""


@lru_cache(maxsize=1024)
def _language_in(classes: str) -> str:
    found = _LANGUAGE.search(classes)
    return found[1].lower() if found and found[1].lower() not in _NO_LANGUAGES else ""


def _start(element: Element) -> int:
    start = element.get("start")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1


def _box(item: Element) -> str:
    """The mark of a task in a list of tasks."""
    if not item.fields:
        return ""
    box = next((one for one in item.elements() if one.tag == "input" and one.get("type") == "checkbox"), None)
    if box is None:
        return ""
    return "[x] " if "checked" in box.attributes else "[ ] "


def _joined(items: list[tuple[str, list[str]]], depth: int) -> str:
    """Items below each other, with empty lines where one has several paragraphs."""
    loose = any(len(blocks) > 1 and sum(not _is_list(one) for one in blocks) > 1 for _, blocks in items)
    written = []
    for mark, blocks in items:
        indent = " " * (len(mark.partition(" ")[0]) + 1) if depth < _DEEPEST else ""
        text = ("\n\n" if loose else "\n").join(blocks)
        if "\n" in text:
            text = text.replace("\n", f"\n{indent}").replace(f"\n{indent}\n", "\n\n")
        written.append(mark + text)
    return ("\n\n" if loose else "\n").join(written)


def _is_list(block: str) -> bool:
    return block.startswith("- ") or block[:4].lstrip("0123456789")[:2] == ". "
