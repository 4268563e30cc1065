"""The tables and charts of a domain's analytics as JSON and CSV, with the filters and the period of the page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.agents import BotRow, bots
from crawlight.analytics.answers import answers
from crawlight.analytics.crawled import crawled_pages
from crawlight.analytics.filters import Filters, read_filters
from crawlight.analytics.referrals import Referrals, referrals
from crawlight.analytics.timeline import Timeline, timeline
from crawlight.analytics.totals import Compared, totals
from crawlight.dashboard.reach import Reach, reach_of
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.kit.clock import now
from crawlight.kit.periods import Window, window

routes = APIRouter()

Rows = tuple[Sequence[str], Iterable[Sequence[object]]]
"""The header of a table and its rows."""


class Part(msgspec.Struct, frozen=True):
    """One table: where it comes from, and how it is written as rows."""

    ask: Callable[[Reach, ScopedDomain, Window, Filters], Any]
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
    reach = reach_of(visit.request)
    filters = read_filters(visit.request.query_params)
    return part, await reach.store.run(part.ask, reach, domain, window(visit.period, now()), filters)


def _referrals(reach: Reach, domain: ScopedDomain, days: Window, _: Filters) -> Referrals:
    return referrals(reach.store, reach.exporter.names, domain, days)


def _timeline(reach: Reach, domain: ScopedDomain, days: Window, filters: Filters) -> Timeline:
    return timeline(reach.store, domain, days, filters)


def _from_store(ask: Callable[..., Any]) -> Callable[[Reach, ScopedDomain, Window, Filters], Any]:
    return lambda reach, domain, days, filters: ask(reach.store, domain, days, filters)


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


def _plain(*header: str) -> Callable[[Iterable[Any]], Rows]:
    return lambda found: (header, [msgspec.structs.astuple(one) for one in found])


PARTS = {
    "totals": Part(_from_store(totals), _totals_rows),
    "timeline": Part(_timeline, _timeline_rows),
    "bots": Part(_from_store(bots), _bots_rows),
    "answers": Part(_from_store(answers), _plain("status", "outcome", "crawls")),
    "pages": Part(_from_store(crawled_pages), _plain("path", "crawls", "last_crawl")),
    "referrals": Part(_referrals, lambda found: (("date", "assistant", "visits"), found.days)),
    "referred-pages": Part(_referrals, lambda found: (("path", "visits"), found.pages)),
}
"""By name in the URL."""
