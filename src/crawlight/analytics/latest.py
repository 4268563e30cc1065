"""The latest crawls of a domain, as they come."""

from datetime import UTC, datetime

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.events.store import EventsStore


class LatestCrawl(msgspec.Struct, frozen=True):
    """One crawl; ``time`` is UTC, ``status`` 0 where it is not known."""

    time: datetime
    agent: str
    key: str
    category: str
    identity: str
    outcome: str
    status: int
    path: str


def latest(store: EventsStore, domain: ScopedDomain, after: datetime, limit: int) -> list[LatestCrawl]:
    """Crawls of ``after`` and later, newest first. Raises StoreError where the store is away."""
    given = {"domain": domain.id, "after": after, "limit": limit}
    rows = zip(*store.columns(query("latest"), given), strict=True)
    return [LatestCrawl(time.replace(tzinfo=UTC), *rest) for time, *rest in rows]
