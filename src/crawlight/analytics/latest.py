"""The latest crawls of a domain, as they come."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.analytics.question import TableQuestion, of_domain, table_of
from crawlight.events.store import EventsStore
from crawlight.kit.clock import now
from crawlight.kit.periods import Window


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


class Recent(msgspec.Struct, frozen=True):
    """Which crawls: of ``after`` and later, ``limit`` at most."""

    after: datetime
    limit: int


def latest(store: EventsStore, domain: ScopedDomain, _: Window, recent: Recent) -> list[LatestCrawl]:
    """Crawls newest first, whatever the days of the page. Raises StoreError where the store is away."""
    given = {"domain": domain.id, "after": recent.after, "limit": recent.limit}
    rows = zip(*store.columns(query("latest"), given), strict=True)
    return [LatestCrawl(time.replace(tzinfo=UTC), *rest) for time, *rest in rows]


def last_day(_: Mapping[str, str] = {}) -> Recent:
    """The 50 latest crawls of a day."""
    return Recent(now() - timedelta(days=1), 50)


LATEST: Final = TableQuestion("live", last_day, of_domain(latest), table_of(LatestCrawl))
