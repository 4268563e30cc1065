"""What a page was made of: the answers that it was rendered from, and whether an answer is still the same.

In doubt an answer is another: a page that is rendered for nothing costs time, one that is not costs the truth.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, Literal

import msgspec

from crawlight.rendering.bodies import pack_small, unpack

MOST_INPUTS: Final = 60
"""A page that asks for more is rendered: to ask for all of them costs its origin as much."""
MOST_NOTED: Final = 64 * 1024
"""Bytes of a packed note; data URLs and long queries may be that large."""
MOST_MASKED: Final = 32
"""Values of one answer that may be another at each ask."""
_LONGEST_VALUE: Final = 64
"""Characters of such a value. What is longer has more in it than a moment, a token or a counter."""
_HELD: Final = 64 * 1024
"""Bytes of an answer of which values are compared."""
SMALL: Final = 32 * 1024
"""Up to so many bytes documents and data are asked for whole: what validators say of them need not be believed."""

Kind = Literal["document", "script", "style", "data"]
WhyNot = Literal[
    "",
    "post",
    "live",
    "worker",
    "day",
    "too_many",
    "failed",
    "unread",
    "differs",
    "varies",
    "moved",
    "soft_404",
]
"""Why a page is rendered each time that it is due; `WHY_NOT` says what each means."""

WHY_NOT: Final[Mapping[str, str]] = {
    "day": "it reads the day or the time of day, so it may be another page tomorrow.",
    "differs": "it asks for one address several times and gets several answers.",
    "failed": "something that it asks for was not answered, or with an error.",
    "live": "it stays connected to its server (WebSocket, EventSource, long polling).",
    "moved": "it goes on to another address, or loads itself again.",
    "post": "it reads answers to requests other than GET.",
    "soft_404": "it is a soft 404: what it is hangs on another page.",
    "too_many": "it is made of too many answers to ask for all of them.",
    "unread": "it is a redirect, or an answer that it is made of could not be read.",
    "varies": "what it asks for depends on cookies, or on everything.",
    "worker": "it works in a worker, whose requests nobody sees.",
}
"""What people are told, after a colon."""

TOLD: Final = ("x-robots-tag", "link", "content-language", "content-type", "location")
"""Headers of a document that go to crawlers, or say what it is."""

_VALUES: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"\'<>=,:;&?/{}\[\]()]+')
_HEXADECIMAL: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f]\d)(?=[0-9a-f]*\d[a-f])[0-9a-f]{8,64}(?![0-9A-Za-z])"
)
_MIXED: Final = re.compile(r"(?<=[-.])(?=\w*\d[A-Za-z])(?=\w*[A-Z])(?=\w*[a-z])\w{8,32}(?=\.m?js$|\.css$)")
"""Hashes in names have digits between their letters; words have them behind, if any."""
_TAGS: Final = re.compile(rb"<[^>]*>")
_LINKS: Final = re.compile(rb"\shref=\"[^\"]*\"")


class Input(msgspec.Struct, frozen=True, array_like=True):
    """One answer. ``url`` is what was asked for, ``final`` where redirects led from there.

    ``digest`` is that of the body of ``size`` bytes, ``told`` has the headers of a document that matter, ``asked``
    those of the request that say what is wanted. ``fixed`` says that its body never changes under this URL. Of the
    values in the body, those at the places of ``mask`` are others at each ask; ``masked`` is the digest without them.
    """

    url: str
    kind: Kind
    status: int
    digest: bytes
    size: int
    final: str = ""
    told: dict[str, str] = {}
    asked: dict[str, str] = {}
    etag: str = ""
    modified: str = ""
    fixed: bool = False
    mask: tuple[int, ...] = ()
    masked: bytes = b""


class MadeOf(msgspec.Struct, frozen=True, array_like=True):
    """What a render read, the document first. ``why_not`` says why a page cannot be told by it, or is empty.

    ``text`` is the digest of what there is to read on the page, ``under`` that of the settings it was rendered under.
    ``days`` are numbers of days (UTC) on which renders from the same inputs had that text, the last two of them.
    ``wrong`` has URLs whose validators, or whose names, stayed the same while their bodies changed.
    """

    inputs: tuple[Input, ...] = ()
    why_not: WhyNot = ""
    agent: str = ""
    text: bytes = b""
    under: bytes = b""
    days: tuple[int, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Say whether the page is known to be made of its inputs alone: two days made no difference."""
        return len(self.days) > 1


def packed(made_of: MadeOf) -> bytes:
    """A note as it is kept; empty where it is too large."""
    data = pack_small(msgspec.msgpack.encode(made_of))
    return data if len(data) <= MOST_NOTED else b""


def unpacked(data: bytes) -> MadeOf | None:
    """A note that was kept; None for what is none, such as one of another version."""
    try:
        return _decoder.decode(unpack(data)) if data else None
    except (ValueError, msgspec.DecodeError):
        return None


def digest_of(body: bytes) -> bytes:
    """The digest by which bodies are told apart."""
    return blake2b(body, digest_size=16).digest()


def text_of(html: bytes) -> bytes:
    """A digest of what there is to read in a page, structured data and addresses of links included."""
    return digest_of(b"\0".join([*_TAGS.sub(b" ", html).split(), *_LINKS.findall(html)]))


def told_of(headers: Mapping[str, str]) -> dict[str, str]:
    """What headers of a document matter, from headers in lower case."""
    return {name: headers[name] for name in TOLD if name in headers}


def is_fixed(url: str, kind: Kind, cache_control: str) -> bool:
    """Say whether a script or style never changes under its URL: its origin says so, or its name is its hash."""
    if kind not in ("script", "style"):
        return False
    return "immutable" in cache_control.lower() or is_hash_named(url)


def is_hash_named(url: str) -> bool:
    """Say whether the name of a file has a hash in it. Dates, versions and words are none."""
    name = url.partition("?")[0].rpartition("/")[2]
    return bool(_HEXADECIMAL.search(name) or _MIXED.search(name))


def values_of(body: bytes) -> list[str] | None:
    """The values in a small text of any format; None for what is large, or no text."""
    if len(body) > _HELD:
        return None
    try:
        return _VALUES.findall(body.decode())
    except UnicodeDecodeError:
        return None


def without(body: bytes, mask: tuple[int, ...]) -> bytes:
    """The digest of a body without the values at some places; empty where it cannot have any."""
    try:
        text = body.decode() if len(body) <= _HELD else ""
    except UnicodeDecodeError:
        return b""
    places, number, last, kept = frozenset(mask), 0, 0, []
    for number, found in enumerate(_VALUES.finditer(text)):
        if number in places:
            if len(found[0]) > _LONGEST_VALUE:
                return b""
            kept.append(text[last : found.start()])
            last = found.end()
    if not mask or number < mask[-1]:
        return b""
    return digest_of("\0".join([*kept, text[last:]]).encode())


def mask_of(bodies: list[bytes]) -> tuple[int, ...]:
    """The places of values that are others in each of some bodies that else are the same; empty where there are none.

    A value that two of the bodies share changes now and then: that is news.
    """
    found = [values_of(body) for body in bodies]
    lists = [values for values in found if values is not None]
    if len(lists) < len(bodies) or len({len(values) for values in lists}) != 1:
        return ()
    rows = list(zip(*lists, strict=True))
    places = tuple(place for place, values in enumerate(rows) if len(set(values)) == len(values))
    if not places or len(places) > MOST_MASKED:
        return ()
    digests = {without(body, places) for body in bodies}
    return places if len(digests) == 1 and b"" not in digests else ()


def is_same(noted: Input, body: bytes) -> bool:
    """Say whether a body is the one that was noted, but for the values that are others at each ask."""
    if digest_of(body) == noted.digest:
        return True
    return bool(noted.masked) and without(body, noted.mask) == noted.masked


_decoder: Final = msgspec.msgpack.Decoder(MadeOf)
