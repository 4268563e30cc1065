"""Where a document's head ends, as a browser that runs scripts sees it.

Google reads links and most metas in the head only, and an element that does not belong there ends it:
https://developers.google.com/search/docs/crawling-indexing/valid-page-metadata
"""

import re
from typing import Final, NamedTuple

from crawlight.audit.text import bounded

_MARK: Final = b"\xef\xbb\xbf"
"""A byte order mark before the document: it is no text, which would end the head."""
_MOST_PIECES: Final = 5_000
"""Pieces of a head that are looked at."""

# https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inhead
_PIECE = re.compile(
    rb"""(?:\s+|<!--(?:>|->|.*?(?:--!?>|\Z))|<[!?][^>]*>?)
    |<(?P<close>/?)(?P<name>[a-z][^\s/>]*)(?P<rest>(?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_RAW: Final = frozenset({b"title", b"style", b"script", b"noframes", b"noscript", b"template"})
"""Elements of a head whose content is skipped up to their end tag: it is text, or, of a template, inert."""
_ALLOWED: Final = _RAW | {b"html", b"head", b"meta", b"link", b"base", b"basefont", b"bgsound"}
_ENDS: Final = {name: re.compile(rb"</" + name + rb"(?=[\s/>])[^>]*>?", re.IGNORECASE) for name in _RAW}
_CLOSING: Final = frozenset({b"body", b"html", b"br"})
"""End tags that begin the body; others mean nothing in a head."""


class Head(NamedTuple):
    """A document without its byte order mark and the noscript elements of its head, and what ended that head.

    ``end`` is empty where the body ended it.
    """

    octets: bytes
    end: str


def scanned(octets: bytes) -> Head:
    """Scan the head of a document in UTF-8. Never fails; takes time in proportion to the head."""
    octets = octets.removeprefix(_MARK)
    position, kept, start = 0, [], 0
    end = ""
    for _ in range(_MOST_PIECES):
        piece = _PIECE.match(octets, position)
        if piece is None:
            end = _text_at(octets, position)
            break
        name = (piece["name"] or b"").lower()
        opens = bool(name) and not piece["close"]
        if _is_end(name, opens):
            end = "" if not opens or name in (b"body", b"frameset") else _snippet(piece)
            break
        position = _content_end(octets, piece.end(), name) if opens and name in _RAW else piece.end()
        if opens and name == b"noscript":
            # With scripts its content is text. The parser has none, and would let an image in it end the head.
            kept.append(octets[start : piece.start()])
            start = position
    return Head(b"".join([*kept, octets[start:]]) if kept else octets, end)


def _is_end(name: bytes, opens: bool) -> bool:
    return bool(name) and (name not in _ALLOWED if opens else name in _CLOSING)


def _content_end(octets: bytes, position: int, name: bytes) -> int:
    found = _ENDS[name].search(octets, position)
    return found.end() if found else len(octets)


def _snippet(piece: re.Match[bytes]) -> str:
    return bounded(piece[0].decode("utf-8", "replace"), 100)


def _text_at(octets: bytes, position: int) -> str:
    text = octets[position : position + 60].partition(b"<")[0].decode("utf-8", "replace").strip()
    return f"the text “{bounded(text, 40)}”" if text else ""
