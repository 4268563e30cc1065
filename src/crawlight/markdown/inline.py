"""Text within a line as markdown: emphasis, code, links, images."""

import re
from collections.abc import Sequence
from typing import Final

from crawlight.audit.document import joined
from crawlight.markdown.tree import Element, squeezed

BREAK: Final = "\n"
"""A line that ends within a paragraph."""

_EMPHASIS: Final = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "dfn", "var"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
}
_CODE: Final = frozenset({"code", "kbd", "samp", "tt"})
_SELF_CONTAINED: Final = _CODE | {"br", "math", "img", "iframe", "video"}
_SPECIAL: Final = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|\](?=[(\[:])|<(?=[A-Za-z/!?])|~(?=~)")
_ANY_SPECIAL: Final = re.compile(r"[\\`*_\]<~]")
_LEADS: Final = frozenset("#>-+=0123456789")
_LEADING: Final = re.compile(r"(?:#{1,6}(?=\s|$)|>|[-+](?=\s)|={2,}|-{2,}|\d{1,9}(?=[.)](?:\s|$)))")
_BRACKETS: Final = re.compile(r"(?<!\\)[\[\]]")
_TICKS: Final = re.compile(r"`+")
_CLEAN: Final = re.compile(r"/(?:[A-Za-z0-9\-._~$&*+,;=:@?][A-Za-z0-9\-._~$&*+,;=:@?/]*)?")
"""Addresses on the same host in which there is nothing to resolve or to encode."""
_SIGNS: Final = frozenset(["#", "§", "¶", "^", "↩", "↑", "\\#", "\u200b", "🔗"])
_SCHEMES: Final = ("http://", "https://", "mailto:", "tel:", "ftp://", "sms:", "geo:")
_MOST_URL: Final = 2_000
_LAZY: Final = ("data-src", "data-lazy-src", "data-original")


class Inline:
    """Writes what stands within lines. ``base`` is the URL that addresses of the page start from."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._root = joined(base, "/")[:-1]

    def line(self, children: Sequence[Element | str], *, bare: bool = False) -> str:
        """Children as one line or, where there are line breaks, several. ``bare``: without links and emphasis."""
        if len(children) == 1:
            only = children[0]
            return _escaped(only) if isinstance(only, str) else self._element(only, bare)
        pieces: list[str] = []
        seam = False
        for child in children:
            if isinstance(child, str):
                piece, seam = _escaped(child), False
            else:
                piece = self._element(child, bare)
                if seam and piece and _run_together(pieces, piece):
                    pieces.append(" ")
                seam = bool(piece) or seam
            if piece:
                pieces.append(piece)
            elif isinstance(child, str) or not pieces:
                seam = False
        return "".join(pieces)

    def url(self, href: str) -> str:
        """An absolute address to link to; empty where nothing can be linked."""
        if not href or len(href) > _MOST_URL:
            return ""
        if self._root and _CLEAN.fullmatch(href) and "/." not in href:
            return self._root + href
        url = joined(self._base, href)
        if not url.startswith(_SCHEMES):
            return ""
        return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")

    def image(self, image: Element) -> str:
        """An image that says what it shows; empty for one that does not."""
        alt = " ".join((image.attributes.get("alt") or "").split())
        if not alt:
            return ""
        url = self.url(image.get("src")) or self._lazy(image)
        return f"![{_label(_escaped(alt))}]({url})"

    def _lazy(self, image: Element) -> str:
        """Where an image comes from that is loaded later, or in one of several sizes."""
        sources = [image.get(name) for name in _LAZY]
        sources.append((image.get("srcset") or image.get("data-srcset")).partition(" ")[0].rstrip(","))
        return next((url for source in sources if (url := self.url(source))), "")

    def _element(self, element: Element, bare: bool) -> str:
        tag = element.tag
        if tag == "a":
            return self.line(element.children, bare=True) if bare else self._link(element)
        if tag in _SELF_CONTAINED:
            return self._single(element, bare)
        text = self.line(element.children, bare=bare)
        if element.block:
            return f" {text} " if text.strip() else text
        mark = _EMPHASIS.get(tag)
        return _around(mark, text) if mark and not bare else _quoted(tag, text)

    def _single(self, element: Element, bare: bool) -> str:
        """What is written as one piece, whatever it is made of."""
        tag = element.tag
        if tag == "br":
            return BREAK
        if tag in _CODE:
            return code(element.text())
        if tag == "math":
            return _formula(element)
        if bare:
            return ""
        return self.image(element) if tag == "img" else self._medium(element)

    def _link(self, link: Element) -> str:
        text = self.line(link.children)
        label = " ".join(text.split())
        if not label:
            return text
        href = link.get("href")
        if href.startswith("#"):  # It leads nowhere from markdown; where it is but a sign, it goes.
            return "" if label in _SIGNS else text
        url = self.url(href)
        if not url or (link.links > 1 and _holds_link(link)):
            return text
        written = f"[{label if '![' in label else _label(label)}]({url})"
        return f"{' ' * text[0].isspace()}{written}{' ' * text[-1].isspace()}" if label != text else written

    def _medium(self, element: Element) -> str:
        url = self.url(element.get("src"))
        name = " ".join((element.get("title") or element.get("aria-label")).split())
        return f"[{_label(_escaped(name))}]({url})" if url and name else ""


def code(text: str) -> str:
    """Text as code within a line."""
    text = " ".join(text.split())
    if not text:
        return ""
    ticks = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{ticks} {text} {ticks}" if text[0] == "`" or text[-1] == "`" else f"{ticks}{text}{ticks}"


def paragraph(line: str) -> str:
    """A line as a paragraph that no reader takes for anything else; two line breaks are a new one."""
    if BREAK not in line:
        return _plain(line)
    parts = list(map(_plain, line.split(BREAK)))
    text = "\n".join(parts).strip()
    return re.sub(r"\n+", lambda breaks: "  \n" if len(breaks[0]) == 1 else "\n\n", text)


def _plain(line: str) -> str:
    """A line that begins no heading, quote or list."""
    text = squeezed(line)
    return _LEADING.sub(_escaped_lead, text, 1) if text[:1] in _LEADS and _LEADING.match(text) else text


def _escaped(text: str) -> str:
    # Looking for a character alone is many times quicker than for what it means there, and mostly there is none.
    return _SPECIAL.sub(r"\\\g<0>", text) if _ANY_SPECIAL.search(text) else text


def _escaped_lead(match: re.Match[str]) -> str:
    lead = match[0]
    return f"{lead}\\" if lead.isdigit() else f"\\{lead}"


def _label(text: str) -> str:
    """A text within brackets; brackets of its own must not end it."""
    return _BRACKETS.sub(r"\\\g<0>", text) if "[" in text or "]" in text else text


def _around(mark: str, text: str) -> str:
    """A text between marks, which may not have white space on their inner side."""
    inner = text.strip()
    if not inner or BREAK in inner:
        return text
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}{mark}{inner}{mark}{text[start + len(inner) :]}"


def _quoted(tag: str, text: str) -> str:
    return f"“{text}”" if tag == "q" else text


def _holds_link(link: Element) -> bool:
    return any(one.tag == "a" for one in link.walk() if one is not link)


def _formula(element: Element) -> str:
    """A formula as TeX, where it brings that along."""
    source = next((one for one in element.walk() if one.tag == "annotation"), None)
    text = source.text() if source is not None else element.text()
    return f"${text}$" if source is not None else _escaped(text)


def _run_together(pieces: list[str], piece: str) -> bool:
    """Whether two elements without a space between, which layout sets apart, would become one word."""
    before = pieces[-1]
    whole = all(len(one) > 1 or one.isdigit() for one in (before, piece))
    return whole and _is_seam(before[-1]) and _is_seam(piece[0])


def _is_seam(character: str) -> bool:
    return character.isalnum() or character in ")]*([!€$%²"
