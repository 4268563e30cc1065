"""The record: one row for everything seen, as the spool carries it and the events store keeps it."""

from typing import Annotated, Final, Literal

import msgspec

Kind = Literal["crawl", "render", "robots", "library", "referral"]
Identity = Literal["none", "verified", "unverifiable", "unchecked", "spoofed"]
Outcome = Literal["none", "hit", "miss", "passthrough", "redirect", "blocked"]
Source = Literal["render", "proxy", "event", "import"]

UInt16 = Annotated[int, msgspec.Meta(ge=0, lt=2**16)]
UInt32 = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
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
)
"""Members of a record, in the order in which segments hold them."""


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was seen once. ``ts`` is in Unix seconds, ``path`` canonical, ``status`` 0 where it is not known.

    ``agent`` is the name from the bots' catalogue and ``key`` its export key or empty; of a referral the
    agent is the assistant, of a render both are empty. An unchecked record that has an ``address`` is judged when it
    is loaded, and a spoofed one no longer is where its address turns out to be a proxy's; any other ``identity``
    stays. The address is gone with that.
    ``event_id`` makes a record count once per domain for 7 days, however often it is reported.
    """

    domain_id: UInt32
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


def referral(domain_id: int, assistant: str, path: str, seconds: int) -> Record:
    """The record of a visit that an AI assistant sent to a page. ``seconds`` is Unix time."""
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
    )
