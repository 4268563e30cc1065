"""From bytes to text as a crawler reads them: how far, and in which encoding."""

import re
from dataclasses import dataclass
from typing import Final

from crawlight.audit.limits import readable

MAX_BYTES: Final = 2_000_000
"""Googlebot reads the first 2 MB of a page:
https://developers.google.com/search/docs/crawling-indexing/googlebot"""

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_SNIFFED: Final = 1024
"""Bytes in which the encoding has to be declared: https://html.spec.whatwg.org/#charset"""
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_LATIN: Final = frozenset({"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "l1"})


@dataclass(frozen=True)
class Read:
    """The text of a document. ``size`` is in bytes, of all that was given; ``cut`` says that a part is not read."""

    text: str
    size: int
    cut: bool = False
    encoding: str = "utf-8"
    broken: int = 0
    """Places where the bytes are no text of the encoding."""
    hostile: str = ""
    """Why a part is not read that no parser should be given; empty where all is."""


def read(html: str | bytes, content_type: str = "") -> Read:
    """Decode the part of a document that crawlers read; never fails."""
    if isinstance(html, bytes):
        return _decoded(html, content_type)
    # A character has at least one byte, so the rest cannot matter.
    octets = html[:MAX_BYTES].encode("utf-8", "replace")
    size = len(octets) if len(html) <= MAX_BYTES else len(html)
    return _cleaned(octets[:MAX_BYTES].decode("utf-8", "ignore"), size, size > MAX_BYTES, "utf-8", 0)


def _decoded(html: bytes, content_type: str) -> Read:
    part = html[:MAX_BYTES]
    encoding = _encoding(part, content_type)
    text = part.decode(encoding, "replace")
    cut = len(html) > MAX_BYTES
    # The cut may have split the last character.
    broken = text.count("\ufffd") - (1 if cut and text.endswith("\ufffd") else 0)
    return _cleaned(text, len(html), cut, encoding, max(broken, 0))


def _cleaned(text: str, size: int, cut: bool, encoding: str, broken: int) -> Read:
    # NUL is no character of HTML; the parser would end or replace, depending on where it stands.
    part, hostile = readable(text.replace("\x00", "\ufffd"))
    return Read(part, size, cut, encoding, broken + text.count("\x00"), hostile)


def _encoding(part: bytes, content_type: str) -> str:
    """Byte order mark, then header, then meta, then UTF-8, as browsers do."""
    for mark, encoding in _MARKS:
        if part.startswith(mark):
            return encoding
    if match := _HEADER_CHARSET.search(content_type):
        return _known(match[1])
    declared = _CHARSET.search(part[:_SNIFFED])
    return _known(declared[1].decode("ascii")) if declared else "utf-8"


def _known(label: str) -> str:
    lower = label.lower()
    if lower in _LATIN:
        return "cp1252"  # What browsers read under these names: https://encoding.spec.whatwg.org/#names-and-labels
    try:
        "".encode(lower)
        b"".decode(lower)
    except (LookupError, ValueError):
        return "utf-8"
    return lower
