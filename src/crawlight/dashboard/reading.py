"""What a page says with and without its scripts: a preview that can do nothing, and comparisons of the texts."""

import re
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlight.markdown.text import Markdown

# What could load, run or lead somewhere, and what a parser may read in another place than it was written in.
_DROPPED: Final = (
    "script,link,iframe,frame,object,embed,base,meta[http-equiv],portal,fencedframe,animate,set,template,"
    "plaintext,xmp,noembed,noframes,math,svg style,svg foreignObject,svg title,svg desc"
)
_ATTRIBUTES: Final = re.compile(
    "on.*|src|srcset|href|xlink:href|poster|data|background|action|formaction|ping|target|autofocus|imagesrcset|srcdoc|"
    "lowsrc|dynsrc|manifest|longdesc|cite|archive|codebase|classid|profile|usemap"
)
_LOADING_STYLE: Final = re.compile(r"url\s*\(|@import|image-set|\\", re.IGNORECASE)
_PREVIEW_STYLE: Final = (
    "<style>img:not([src]){display:inline-block;min-width:2rem;min-height:1.2rem;padding:.2rem .4rem;"
    "border:1px dashed #aab2c0;color:#566072;font:12px system-ui,sans-serif}</style>"
)
_NO_TEXT: Final = "script,style,template,svg,iframe,select,datalist,object,head"
_BLOCKS: Final = (
    "address,article,aside,blockquote,br,button,dd,details,div,dl,dt,fieldset,figcaption,figure,footer,form,h1,h2,h3,"
    "h4,h5,h6,header,hr,li,main,nav,ol,option,p,pre,section,summary,table,td,th,tr,ul"
)
_BREAK: Final = "\x1e"
MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_LINES: Final = 1_500
_MOST_LEFT_OUT: Final = 300
_CONTEXT: Final = 2
_TARGET: Final = re.compile(r"\]\([^)\n]*\)")
_WORD: Final = re.compile(r"[^\W_]+")

Side = Literal["both", "served", "raw", "gap"]


class Line(msgspec.Struct, frozen=True):
    """A line of text that ``both`` have, or only one of ``served`` and ``raw``; a ``gap`` stands for many of both."""

    side: Side
    text: str


class Comparison(msgspec.Struct, frozen=True):
    """Texts of a page with scripts (what crawlers are served) and without (what the origin sends)."""

    served_words: int
    raw_words: int
    lines: list[Line]
    cut: bool
    """Whether the texts are longer than what was compared."""


class LeftOut(msgspec.Struct, frozen=True):
    """What of a page's text is not in its Markdown: its lines, and their words among all ``of_words``.

    ``html_tokens`` is an estimate for the HTML, as that for the Markdown is made.
    """

    html_tokens: int
    words: int
    of_words: int
    lines: list[str]
    cut: bool
    """Whether there are more lines."""


def harmless(html: bytes) -> bytes:
    """The document without anything that loads, runs or leads elsewhere: to be looked at only."""
    tree = LexborHTMLParser(html[:MOST_BYTES].decode("utf-8", "replace"))
    for node in tree.css(_DROPPED):
        node.decompose()
    tree.unwrap_tags(["noscript"])  # its content is what there is to see, as scripts are off
    for node in tree.css("*"):
        _disarm(node)
    return f"<!doctype html>{_PREVIEW_STYLE}{tree.html or ''}".encode("utf-8", "replace")


def compare(served: bytes, raw: bytes) -> Comparison:
    """Compare what people and crawlers read in two documents, line by line."""
    ours, theirs = _lines(served), _lines(raw)
    return Comparison(_words(ours), _words(theirs), *differences(theirs, ours))


def differences(raw: list[str], served: list[str]) -> tuple[list[Line], bool]:
    """Lines that both have, long runs of them shortened, or only one has; and whether only the first were compared."""
    lines: list[Line] = []
    some = raw[:_MOST_LINES], served[:_MOST_LINES]
    for what, from_raw, to_raw, from_served, to_served in SequenceMatcher(None, *some).get_opcodes():
        if what == "equal":
            lines += _shortened(some[1][from_served:to_served], bool(lines), to_served < len(some[1]))
            continue
        lines += [Line("raw", text) for text in some[0][from_raw:to_raw]]
        lines += [Line("served", text) for text in some[1][from_served:to_served]]
    return lines, max(len(raw), len(served)) > _MOST_LINES


def left_out(html: bytes, markdown: str) -> LeftOut:
    """The lines of a document's text that its Markdown does not have, wherever they stand in it."""
    lines = _lines(html)
    kept = f" {_plain_words(_TARGET.sub(']', markdown))} "
    missing = [line for line in lines if (words := _plain_words(line)) and f" {words} " not in kept]
    tokens = Markdown(html.decode("utf-8", "replace")).tokens
    shown = missing[:_MOST_LEFT_OUT]
    return LeftOut(tokens, _words(missing), _words(lines), shown, len(missing) > len(shown))


def _plain_words(text: str) -> str:
    """The words of a text, whatever marks stand around them."""
    return " ".join(_WORD.findall(text.casefold()))


def _disarm(node: LexborNode) -> None:
    for name in list(node.attributes):
        if _ATTRIBUTES.fullmatch(name):
            del node.attrs[name]
    if _LOADING_STYLE.search(node.attributes.get("style") or ""):
        del node.attrs["style"]
    if node.tag == "style" and _LOADING_STYLE.search(node.text()):
        node.decompose()


def _lines(html: bytes) -> list[str]:
    tree = LexborHTMLParser(html[:MOST_BYTES].decode("utf-8", "replace"))
    body = tree.body
    if body is None:
        return []
    for node in body.css(_NO_TEXT):
        node.decompose()
    for node in body.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    parts = (" ".join(part.split()) for part in body.text(separator=" ").split(_BREAK))
    return [part for part in parts if part]


def _words(lines: list[str]) -> int:
    return sum(len(line.split()) for line in lines)


def _shortened(texts: list[str], goes_before: bool, goes_on: bool) -> list[Line]:
    """Lines of both, of which a long run keeps those next to a difference only."""
    head, tail = (_CONTEXT if goes_before else 0), (_CONTEXT if goes_on else 0)
    hidden = len(texts) - head - tail
    if hidden < 2:
        return [Line("both", text) for text in texts]
    gap = Line("gap", f"{hidden:,} lines that both have")
    before, after = texts[:head], texts[len(texts) - tail :]
    return [*(Line("both", text) for text in before), gap, *(Line("both", text) for text in after)]
