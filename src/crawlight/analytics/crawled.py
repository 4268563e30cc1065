"""The most crawled pages of some crawls."""

from datetime import datetime

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, parameters
from crawlight.analytics.queries import query
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class CrawledPage(msgspec.Struct, frozen=True, rename="camel"):
    """A page by its canonical path; ``last_crawl`` is UTC."""

    path: str
    crawls: int
    last_crawl: datetime


def crawled_pages(
    store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters, limit: int = 20
) -> list[CrawledPage]:
    """One query of single crawls, so of no more days than are kept. Raises StoreError where the store is away."""
    given = parameters(domain.id, window, filters) | {"limit": limit}
    return [CrawledPage(*row) for row in zip(*store.columns(query("crawled_pages"), given), strict=True)]
