"""What an import tells of each file. Light, so that who only shows it need not load what counts (`summarizing`)."""

from datetime import datetime
from typing import Final

import msgspec

IDENTITIES: Final = ("verified", "unverifiable", "unchecked", "spoofed")
"""What crawls are by who sent them."""


class Rejected(msgspec.Struct, frozen=True):
    """A line that could not be read: its number in the file, from 1, why, and how it starts."""

    line: int
    reason: str
    text: str


class Summary(msgspec.Struct, frozen=True):
    """One file as ``--json`` prints it. ``lines`` counts what was new; the buckets add up to it.

    ``identities`` says of each agent's crawls how many are verified, unverifiable, unchecked and spoofed: the last are
    in no count of crawls.
    ``unread`` says of how many records the ``bytes`` or ``milliseconds`` cannot be read; they count all the same.
    ``domains`` has the crawls of each, ``other_hosts`` the most frequent ones of the lines left out for their host.
    """

    file: str
    format: str
    format_reason: str
    lines: int
    already_imported: int
    first_crawl: datetime | None
    last_crawl: datetime | None
    buckets: dict[str, int]
    unread: dict[str, int]
    other_formats: dict[str, int]
    agents: dict[str, int]
    identities: dict[str, dict[str, int]]
    domains: dict[str, int]
    other_hosts: dict[str, int]
    rejected: list[Rejected]
    notes: list[str]


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be imported, as ``--json`` prints it."""

    file: str
    error: str


class Told(msgspec.Struct, frozen=True):
    """What a server answers that imported logs for a command."""

    summaries: list[Summary]
    failures: list[Failure]
