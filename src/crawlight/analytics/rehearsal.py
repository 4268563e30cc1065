"""The crawls that a change is rehearsed on: how often which agent crawled which page."""

from typing import Final

from crawlight.analytics.queries import query
from crawlight.domains.rehearsal import Crawls
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.kit.periods import Window

MOST: Final = 100_000
"""Pairs of an agent and a page, those that were crawled most."""


def recorded_crawls(store: EventsStore, domain_id: DomainId, window: Window) -> list[Crawls]:
    """The crawls of a window's days, for as long as single crawls are kept. Raises StoreError."""
    days = {"since": window.singles.first, "last": window.last}
    columns = store.columns(query("rehearsal"), {"domain": domain_id, **days, "limit": MOST})
    return [Crawls(*row) for row in zip(*columns, strict=True)]
