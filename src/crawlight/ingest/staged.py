"""What an import is told and what it tells: where records go, and what became of a log's lines."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from crawlight.domains.robots_versions import InForce
from crawlight.ids import NO_DOMAIN, DomainId
from crawlight.ingest.order import EVER
from crawlight.ingest.summary import Rejected

BUCKETS: Final = (
    "crawls",
    "robots",
    "libraries",
    "people",
    "assets",
    "other_methods",
    "no_page",
    "no_user_agent",
    "other_hosts",
    "no_request",
    "outside",
    "too_old",
    "future",
    "rejected",
    "empty",
)
"""Where the lines of a log go, each into one: the first three become records."""


OTHERS: Final = "(others)"
"""Under this name a summary counts agents that are too many to name."""

_MOST_AGENTS = 2_000
_MOST_HOSTS = 200
_MOST_PLACES = 50_000


class Target(msgspec.Struct, frozen=True):
    """Where records go, and which moments they may have."""

    domains: Mapping[str, DomainId]
    """Bare host and number in the events store of each domain."""
    oldest: datetime
    newest: datetime
    since: datetime = EVER[0]
    until: datetime = EVER[1]
    """Lines are wanted from ``since`` on and before ``until``."""
    hostless: DomainId = NO_DOMAIN
    """The number of the domain that lines without a host are of, 0 where there is none."""
    ignored: Mapping[DomainId, frozenset[str]] = {}
    """Query parameters that a domain ignores, by its number, where it does."""
    robots: Mapping[DomainId, InForce] = {}
    """Which versions of its robots.txt were in force, by the domain's number, where that is known."""


class Staged(msgspec.Struct):
    """What one chunk, or many added up, came to."""

    buckets: Counter[str] = msgspec.field(default_factory=Counter)
    lines: int = 0
    agents: Counter[str] = msgspec.field(default_factory=Counter)
    """Crawls by agent."""
    identities: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    """Crawls by agent and identity."""
    places: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    """Crawls by agent and visitor's address: of agents with address lists, those that these do not verify."""
    first: datetime | None = None
    last: datetime | None = None
    """Time of the first and the last crawl."""
    pages: dict[DomainId, set[str]] = msgspec.field(default_factory=dict)
    """Canonical paths that a crawler got, by domain, of one chunk: the sum of all may be large."""
    domains: Counter[DomainId] = msgspec.field(default_factory=Counter)
    """Crawls by domain."""
    kept: Counter[DomainId] = msgspec.field(default_factory=Counter)
    """Records by domain: crawls, and what is kept beside them."""
    hosts: Counter[str] = msgspec.field(default_factory=Counter)
    """Lines by host that is none of the domains; the most frequent ones of each chunk."""
    formats: Counter[str] = msgspec.field(default_factory=Counter)
    """Lines that were read in another format than that of the log, by its title."""
    unread: Counter[str] = msgspec.field(default_factory=Counter)
    """Records whose ``bytes`` or ``milliseconds`` cannot be read; they count, and that is not known of them."""
    rejected: list[Rejected] = msgspec.field(default_factory=list)
    """The first few rejected lines."""

    def records(self) -> int:
        """How many records the lines became."""
        return sum(self.buckets[name] for name in BUCKETS[:3])

    def add(self, other: "Staged", shown: int, before: int) -> None:
        """Add a part, which has ``before`` lines before it; keep the first ``shown`` rejected lines."""
        self.buckets += other.buckets
        # These have no zeros, and are many: to add them so does not look at each of the sum once more.
        self.agents.update(other.agents)
        self.identities.update(other.identities)
        self.places.update(other.places)
        if len(self.places) > _MOST_PLACES:
            self.places = Counter(dict(self.places.most_common(_MOST_PLACES // 2)))
        self.domains.update(other.domains)
        self.kept.update(other.kept)
        self.hosts.update(other.hosts)
        self.formats += other.formats
        self.unread += other.unread
        if len(self.hosts) > _MOST_HOSTS:
            self.hosts = Counter(dict(self.hosts.most_common(_MOST_HOSTS // 2)))
        if len(self.agents) > _MOST_AGENTS:
            kept = Counter(dict(self.agents.most_common(_MOST_AGENTS // 2)))
            kept[OTHERS] += self.agents.total() - kept.total()
            self.agents = kept
        moved = [msgspec.structs.replace(line, line=line.line + before) for line in other.rejected]
        self.rejected = sorted([*self.rejected, *moved], key=lambda line: line.line)[:shown]
        self.lines += other.lines
        self.note_times(other.first, other.last)

    def note_times(self, first: datetime | None, last: datetime | None) -> None:
        """Widen the span of the crawls."""
        self.first = min(filter(None, (self.first, first)), default=None)
        self.last = max(filter(None, (self.last, last)), default=None)
