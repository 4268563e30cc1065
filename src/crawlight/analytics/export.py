"""Builds the export document of an account: two queries of the events store and two of the database, for all
domains together.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat

import msgspec

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import Scope, ScopedDomain, scope_of
from crawlight.analytics.document import (
    BotDay,
    BotTotals,
    Document,
    DomainReport,
    SeoState,
    TopPage,
    ranked,
    summary,
    timestamp,
)
from crawlight.analytics.question import About, Sources
from crawlight.analytics.series import DAYS, TOP_PAGES, Days
from crawlight.bots.keys import BOT_KEYS
from crawlight.database.engine import Database
from crawlight.database.tables import SeoCounts
from crawlight.domains import pages
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.periods import Window, window
from crawlight.kit.urls import canonical_url

_ENCODER = msgspec.json.Encoder()

TopPaths = Mapping[DomainId, Sequence[tuple[str, int]]]


async def export_of(exporter: "Exporter", database: Database, email: str, period: str) -> bytes:
    """The document of the account with an e-mail address. Raises UserError for an unknown one."""
    account = await find_account(database, email)
    return await exporter.export(await scope_of(database, account.id), period, now())


class Exporter:
    """Answers the export of any account; one for the life of the process."""

    def __init__(self, store: EventsStore, database: Database) -> None:
        self.sources = Sources(store, database)

    async def export(self, scope: Scope, period: str, generated_at: datetime) -> bytes:
        """The document as JSON, for one of `kit.periods.PERIODS`. Raises StoreError if the store is away."""
        found = await self._found(scope, window(period, generated_at))
        return await self.sources.store.run(_encoded, scope, period, generated_at, found)

    async def reports(self, scope: Scope, days: Window) -> list[DomainReport]:
        """The document's entries of a scope's domains for any window, in their order. Raises StoreError."""
        return (await self._found(scope, days)).reports(scope)

    async def _found(self, scope: Scope, days: Window) -> "_Reports":
        about = About(scope.domains, days)
        series, top = await asyncio.gather(
            DAYS.answer(self.sources, about, None), TOP_PAGES.answer(self.sources, about, None)
        )
        paths = {i: [path for path, _ in top.get(i, ())] for i in about.ids}
        scores = await pages.scores_for(self.sources.database, paths)
        counts = await pages.seo_counts(self.sources.database, about.ids)
        return _Reports(days, series, top, scores, counts)


class _Reports(msgspec.Struct, frozen=True):
    """What the queries answered, by domain id, and how a domain's report is made of it."""

    window: Window
    series: Mapping[DomainId, Days]
    top: TopPaths
    scores: Mapping[tuple[DomainId, str], tuple[int | None, int]]
    counts: Mapping[DomainId, SeoCounts]

    def reports(self, scope: Scope) -> list[DomainReport]:
        dates = [day.isoformat() for day in self.window.dates()]
        return [self._report(domain, dates) for domain in scope.domains]

    def _report(self, domain: ScopedDomain, dates: Sequence[str]) -> DomainReport:
        days = self.series.get(domain.id, Days((), ((),) * (4 + len(BOT_KEYS))))
        crawls, hits, misses, prerenders, *keys = days.sums()
        return DomainReport(
            domain=domain.host,
            domain_id=str(domain.uuid),
            role=domain.role,
            summary=summary(crawls, hits, misses, prerenders),
            bot_totals=BotTotals(*keys),
            bot_series=_bot_series(days, dates),
            top_pages=self._top_pages(domain),
            seo=seo_state(self.counts.get(domain.id)),
        )

    def _top_pages(self, domain: ScopedDomain) -> list[TopPage]:
        rows = self.top.get(domain.id, ())
        scored = (self.scores.get((domain.id, path), (None, 0)) for path, _ in rows)
        return ranked(
            TopPage(canonical_url(domain.page_host, path), score, issues, crawls)
            for (path, crawls), (score, issues) in zip(rows, scored, strict=True)
        )


def seo_state(known: SeoCounts | None) -> SeoState:
    """A domain's known pages by bucket; None where it has none."""
    if known is None:
        return SeoState(0, 0, 0, 0, 0, 0)
    buckets = (known.good, known.needs_work, known.poor, known.unknown)
    return SeoState(*buckets, sum(buckets), known.total_issues)


def _bot_series(days: Days, dates: Sequence[str]) -> list[BotDay]:
    """One entry per day of the window, oldest first; a day without crawls has zeros."""
    keys = days.columns[4:]
    if len(days.offsets) == len(dates):
        return list(map(BotDay, dates, *keys))
    entries: list[BotDay] = list(map(BotDay, dates, *(repeat(0) for _ in BOT_KEYS)))
    for offset, *counts in zip(days.offsets, *keys, strict=True):
        entries[offset] = BotDay(dates[offset], *counts)
    return entries


def _encoded(scope: Scope, period: str, generated_at: datetime, found: _Reports) -> bytes:
    domains = found.reports(scope)
    return _ENCODER.encode(
        Document(timestamp(generated_at), period, str(scope.account_uuid), len(domains), domains)
    )
