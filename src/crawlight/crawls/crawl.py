"""The record: one row for everything seen, as the spool carries it and the events store keeps it."""

import math
import time
from typing import Annotated, Final, Literal

import msgspec

from crawlight.ids import DomainId

Kind = Literal["crawl", "render", "robots", "library", "referral", "revalidated"]
Identity = Literal["none", "verified", "unverifiable", "unchecked", "spoofed"]
Outcome = Literal["none", "hit", "miss", "passthrough", "redirect", "blocked"]
Source = Literal["render", "proxy", "event", "import"]
Format = Literal["none", "html", "markdown", "other"]

UInt16 = Annotated[int, msgspec.Meta(ge=0, lt=2**16)]
UInt32 = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
UInt64 = Annotated[int, msgspec.Meta(ge=0)]
"""What the columns of the events store hold: checked when a segment is read, so that one record spoils no insert."""

RECORD_COLUMNS: Final = (
    "domain_id",
    "ts",
    "kind",
    "agent",
    "key",
    "category",
    "identity",
    "outcome",
    "status",
    "source",
    "path",
    "bytes",
    "milliseconds",
    "asked_markdown",
    "content",
    "robots_version",
    "format",
)
"""Members of a record, in the order in which segments hold them."""

MOST_MEASURED: Final = 2**32 - 1
"""The most bytes, or milliseconds, that a record holds."""


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was seen once. ``ts`` is in Unix seconds, ``path`` canonical, ``status`` 0 where it is not known.

    ``agent`` is the name from the bots' catalogue and ``key`` its export key or empty; of a referral the
    agent is the assistant, of a render both are empty. An unchecked record that has an ``address`` is judged when it
    is loaded, and a spoofed one no longer is where its address turns out to be a proxy's; any other ``identity``
    stays. The address is gone with that.
    ``event_id`` makes a record count once per domain for 7 days, however often it is reported.

    What was not measured or is not known is 0, ``none`` or false: ``bytes`` of the body as it was sent,
    ``milliseconds`` from the request to the last byte, ``format`` of the body, whether ``text/markdown`` was
    preferred, ``content``: the first 8 bytes of the sent snapshot's hash (`content_number`), and the number of the
    robots.txt in force. Of a render these are the size of its HTML and the time that it took.
    """

    domain_id: Annotated[DomainId, msgspec.Meta(ge=0, lt=2**32)]
    ts: UInt32
    kind: Kind
    agent: str
    key: str
    category: str
    identity: Identity
    outcome: Outcome
    status: UInt16
    source: Source
    path: str
    address: str = ""
    event_id: str = ""
    # Behind these, because the frames of earlier versions end here.
    bytes: UInt32 = 0
    milliseconds: UInt32 = 0
    asked_markdown: bool = False
    content: UInt64 = 0
    robots_version: UInt32 = 0
    format: Format = (
        "none"  # Last, as a text: a frame that ends with a zero cannot be told from one cut before it.
    )

    def row(self) -> tuple[object, ...]:
        """What goes to the events store, as `RECORD_COLUMNS` says: neither address nor event id."""
        members = msgspec.structs.astuple(self)
        return (*members[:_ADDRESS], *members[_ADDRESS + 2 :])


_ADDRESS: Final = Record.__struct_fields__.index("address")


def content_number(content_hash: bytes) -> int:
    """The first 8 bytes of a snapshot's hash as records hold them; 0 where there is none."""
    return int.from_bytes(content_hash[:8], "big")


def whole_milliseconds(seconds: float) -> int:
    """A measured time as records hold it: never 0, which means that nothing was measured."""
    return min(max(math.ceil(seconds * 1000), 1), MOST_MEASURED)


def of_renderer(
    kind: Literal["render", "revalidated"],
    domain_id: DomainId,
    path: str,
    status: int,
    *,
    size: int = 0,
    milliseconds: int = 0,
    written: Format = "none",
) -> Record:
    """The record of what the renderer did to a page just now: ``size`` in bytes, ``written`` as what."""
    return Record(
        domain_id=domain_id,
        ts=int(time.time()),
        kind=kind,
        agent="",
        key="",
        category="",
        identity="none",
        outcome="none",
        status=status,
        source="render",
        path=path,
        bytes=size,
        milliseconds=milliseconds,
        format=written,
    )


def referral(
    domain_id: DomainId, assistant: str, path: str, seconds: int, size: int = 0, milliseconds: int = 0
) -> Record:
    """The record of a visit that an AI assistant sent to a page. ``seconds`` is Unix time, ``size`` in bytes."""
    return Record(
        domain_id=domain_id,
        ts=seconds,
        kind="referral",
        agent=assistant,
        key="",
        category="ai_user",
        identity="none",
        outcome="none",
        status=0,
        source="event",
        path=path,
        bytes=size,
        milliseconds=milliseconds,
    )
