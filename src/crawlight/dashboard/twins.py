"""The tables and charts of a domain's analytics as JSON and CSV, with the filters and the period of the page."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.agents import BotRow, bots
from crawlight.analytics.answers import answers
from crawlight.analytics.crawled import CrawledPage, crawled_pages
from crawlight.analytics.filters import Filters, read_filters
from crawlight.analytics.formats import FormatRow, Served, formats
from crawlight.analytics.measured import MeasuredRow, measured
from crawlight.analytics.referrals import Referrals, referrals
from crawlight.analytics.timeline import Timeline, timeline
from crawlight.analytics.totals import Compared, totals
from crawlight.dashboard.reach import reach_of, window_of
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window

routes = APIRouter()

Rows = tuple[Sequence[str], Iterable[Sequence[object]]]
"""The header of a table and its rows."""


Ask = Callable[[Visit, ScopedDomain, Window, Filters], Awaitable[Any]]


class Part(msgspec.Struct, frozen=True):
    """One table: where it comes from, and how it is written as rows."""

    ask: Ask
    rows: Callable[[Any], Rows]


@routes.get("/domains/{host}/analytics/{name}.json")
async def as_json(visit: SignedIn, host: str, name: str) -> Response:
    """One table as JSON."""
    _, found = await _ask(visit, visit.domain(host), name)
    return visit.data(found)


@routes.get("/domains/{host}/analytics/{name}.csv")
async def as_csv(visit: SignedIn, host: str, name: str) -> Response:
    """One table as CSV."""
    domain = visit.domain(host)
    part, found = await _ask(visit, domain, name)
    return csv_of(visit, f"{domain.host}-{name}-{visit.period}", *part.rows(found))


async def _ask(visit: Visit, domain: ScopedDomain, name: str) -> tuple[Part, Any]:
    if (part := PARTS.get(name)) is None:
        raise not_found()
    filters = read_filters(visit.request.query_params)
    return part, await part.ask(visit, domain, await window_of(visit, domain), filters)


async def _referrals(visit: Visit, domain: ScopedDomain, days: Window, _: Filters) -> Referrals:
    reach = reach_of(visit.request)
    return await reach.store.run(referrals, reach.store, reach.exporter.names, domain, days)


async def _pages(visit: Visit, domain: ScopedDomain, days: Window, filters: Filters) -> list[CrawledPage]:
    reach = reach_of(visit.request)
    return await crawled_pages(reach.store, reach.exporter.names, visit.site.database, domain, days, filters)


def _from_store(query: Callable[[EventsStore, ScopedDomain, Window, Filters], Any]) -> Ask:
    async def ask(visit: Visit, domain: ScopedDomain, days: Window, filters: Filters) -> Any:
        store = reach_of(visit.request).store
        return await store.run(query, store, domain, days, filters)

    return ask


def _totals_rows(found: Compared) -> Rows:
    names = found.now.__struct_fields__
    rows = [
        (name, getattr(found.now, name), getattr(found.before, name), found.change(name)) for name in names
    ]
    return ("sum", "crawls", "before", "change"), rows


def _timeline_rows(found: Timeline) -> Rows:
    counts = (
        zip(*(line.counts for line in found.lines), strict=True) if found.lines else [()] * len(found.dates)
    )
    rows = [(day, *some) for day, some in zip(found.dates, counts, strict=True)]
    return ("date", *(line.name for line in found.lines)), rows


def _bots_rows(found: list[BotRow]) -> Rows:
    identities = ("verified", "unverifiable", "unchecked")
    header = ("bot", "agent", "category", "crawls", "change", *identities, "spoofed", "pages", "last_seen")
    rows = [
        (
            *(bot.bot, one.agent, one.category, one.crawls, one.change),
            *(one.identities.get(name, 0) for name in identities),
            *(one.spoofed, one.pages, one.last_seen),
        )
        for bot in found
        for one in bot.agents
    ]
    return header, rows


def _measured_rows(found: list[MeasuredRow]) -> Rows:
    parts = ("crawls", "median", "p95")
    header = ("agent", *(f"{what}_{part}" for what in ("bytes", "milliseconds") for part in parts))
    return header, [
        (one.agent, *msgspec.structs.astuple(one.bytes), *msgspec.structs.astuple(one.milliseconds))
        for one in found
    ]


def _formats_rows(found: list[FormatRow]) -> Rows:
    asked = ("asked_markdown", "asked_html")
    header = ("agent", *(f"{what}_got_{got}" for what in asked for got in Served.__struct_fields__))
    rows = [
        (one.agent, *msgspec.structs.astuple(one.asked_markdown), *msgspec.structs.astuple(one.asked_html))
        for one in found
    ]
    return header, rows


def _plain(*header: str) -> Callable[[Iterable[Any]], Rows]:
    return lambda found: (header, [msgspec.structs.astuple(one) for one in found])


PARTS = {
    "totals": Part(_from_store(totals), _totals_rows),
    "timeline": Part(_from_store(timeline), _timeline_rows),
    "bots": Part(_from_store(bots), _bots_rows),
    "measured": Part(_from_store(measured), _measured_rows),
    "formats": Part(_from_store(formats), _formats_rows),
    "answers": Part(_from_store(answers), _plain("status", "outcome", "crawls")),
    "pages": Part(_pages, _plain("path", "crawls", "seo_score", "seo_issues_count")),
    "referrals": Part(_referrals, lambda found: (("date", "assistant", "visits"), found.days)),
    "referred-pages": Part(_referrals, lambda found: (("path", "visits"), found.pages)),
}
"""By name in the URL."""
