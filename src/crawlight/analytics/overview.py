"""All domains of an account at a glance: one query of the events store and one of the database for all of them."""

from collections import defaultdict
from datetime import date

import msgspec

from crawlight.accounts.scope import Scope, ScopedDomain
from crawlight.analytics.document import SeoState, hit_rate
from crawlight.analytics.export import seo_state
from crawlight.analytics.queries import query
from crawlight.analytics.totals import change
from crawlight.database.engine import Database
from crawlight.domains import pages
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class DomainRow(msgspec.Struct, frozen=True, rename="camel"):
    """One domain in a window. ``change`` is a share; ``days`` are crawls of each day, oldest first."""

    domain: str
    role: str
    crawls: int
    change: float | None
    hit_rate: int | float
    answered: int
    """Hits and misses; without any, the hit rate says nothing."""
    days: list[int]
    seo: SeoState


async def overview(store: EventsStore, database: Database, scope: Scope, window: Window) -> list[DomainRow]:
    """Every domain of the scope, in its order. Raises StoreError where the store is away."""
    ids = [domain.id for domain in scope.domains]
    given = {"domains": ids, "first": window.before.first, "last": window.last}
    columns = await store.run(store.columns, query("overview"), given)
    counts = await pages.seo_counts(database, ids)
    found: dict[int, list[tuple[date, int, int, int]]] = defaultdict(list)
    for domain_id, *day in zip(*columns, strict=True):
        found[domain_id].append(tuple(day))
    return [_row(one, found[one.id], window, seo_state(counts.get(one.id))) for one in scope.domains]


def _row(
    domain: ScopedDomain, rows: list[tuple[date, int, int, int]], window: Window, seo: SeoState
) -> DomainRow:
    days, earlier, hits, misses = [0] * window.days, 0, 0, 0
    for day, crawls, some_hits, some_misses in rows:
        if day < window.first:
            earlier += crawls
        else:
            days[(day - window.first).days] = crawls
            hits, misses = hits + some_hits, misses + some_misses
    return DomainRow(
        domain=domain.host,
        role=domain.role,
        crawls=sum(days),
        change=change(sum(days), earlier),
        hit_rate=hit_rate(hits, misses),
        answered=hits + misses,
        days=days,
        seo=seo,
    )
