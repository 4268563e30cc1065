"""All domains of an account at a glance: one query of the events store and one of the database for all of them."""

from collections import defaultdict
from datetime import date
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.document import SeoState, hit_rate
from crawlight.analytics.export import seo_state
from crawlight.analytics.queries import query
from crawlight.analytics.question import About, Sources, Table, TableQuestion, no_parameters
from crawlight.analytics.totals import change
from crawlight.domains import pages
from crawlight.ids import DomainId
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


async def overview(sources: Sources, about: About, _: None = None) -> list[DomainRow]:
    """Every domain of the scope, in its order. Raises StoreError where the store is away."""
    ids, window, store = about.ids, about.window, sources.store
    given = {"domains": ids, "first": window.before.first, "last": window.last}
    columns = await store.run(store.columns, query("overview"), given)
    counts = await pages.seo_counts(sources.database, ids)
    found: dict[DomainId, list[tuple[date, int, int, int]]] = defaultdict(list)
    for domain_id, *day in zip(*columns, strict=True):
        found[domain_id].append(tuple(day))
    return [_row(one, found[one.id], window, seo_state(counts.get(one.id))) for one in about.domains]


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


def _table(found: list[DomainRow]) -> Table:
    seo = ("good", "needs_work", "poor", "unknown", "total_issues")
    header = ("domain", "role", "crawls", "change", "hit_rate", *seo[:-1], "issues")
    return header, [
        (
            *(one.domain, one.role, one.crawls, one.change),
            *(one.hit_rate if one.answered else None, *(getattr(one.seo, name) for name in seo)),
        )
        for one in found
    ]


OVERVIEW: Final = TableQuestion("overview", no_parameters, overview, _table)
