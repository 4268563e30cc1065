"""From bytes to text as a crawler reads them, in UTF-8 as the parser takes it: how far, and in which encoding."""

import re
from dataclasses import dataclass
from typing import Final

from crawlight.audit.limits import is_harmless, readable

MAX_BYTES: Final = 2_000_000
"""Googlebot reads the first 2 MB of a page:
https://developers.google.com/search/blog/2026/03/crawler-blog-post"""

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_REPLACED: Final = "\ufffd".encode()
"""What decoding leaves where the bytes are no text."""
_SNIFFED: Final = 1024
"""Bytes in which the encoding has to be declared: https://html.spec.whatwg.org/#charset"""
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_LATIN: Final = frozenset({"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "l1"})


@dataclass(frozen=True)
class Read:
    """A document in UTF-8. ``size`` is in bytes, of all that was given; ``cut`` says that a part is not read."""

    octets: bytes
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
    part = octets[:MAX_BYTES].decode("utf-8", "ignore").encode() if size > MAX_BYTES else octets
    return _cleaned(part, size, size > MAX_BYTES, "utf-8", 0)


def _decoded(html: bytes, content_type: str) -> Read:
    part = html[:MAX_BYTES]
    encoding = _encoding(part, content_type)
    octets = _utf8(part, encoding)
    cut = len(html) > MAX_BYTES
    # The cut may have split the last character.
    broken = _count(octets, _REPLACED) - (1 if cut and octets.endswith(_REPLACED) else 0)
    return _cleaned(octets, len(html), cut, encoding, max(broken, 0))


def _utf8(part: bytes, encoding: str) -> bytes:
    try:
        text = part.decode(encoding)
    except UnicodeError:
        text = part.decode(encoding, "replace")
    else:
        if encoding == "utf-8":
            return part
    return text.encode("utf-8", "replace")


def _cleaned(octets: bytes, size: int, cut: bool, encoding: str, broken: int) -> Read:
    # NUL is no character of HTML; the parser would end or replace, depending on where it stands.
    if zeros := _count(octets, b"\x00"):
        octets = octets.replace(b"\x00", _REPLACED)
    hostile = ""
    if not is_harmless(octets):
        part, hostile = readable(octets.decode())
        octets = part.encode()
    return Read(octets, size, cut, encoding, broken + zeros, hostile)


def _count(octets: bytes, part: bytes) -> int:
    # Looking for one byte is many times quicker than counting, and mostly there is not even that.
    return octets.count(part) if part[:1] in octets else 0


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
        b"\xff".decode(lower, "replace")  # Some of Python's codecs are for names of hosts, and refuse bytes.
    except (LookupError, ValueError):
        return "utf-8"
    return lower
