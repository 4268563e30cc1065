"""Counts per day and per page of a window, for all domains of a scope at once: two queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

import msgspec

from crawlight.analytics.page_names import PageNames
from crawlight.analytics.queries import query
from crawlight.analytics.question import About, Question, Sources, no_parameters, of_scope
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.kit.periods import Window


class Days(msgspec.Struct, frozen=True):
    """One domain's days with any count. Columns: crawls, hits, misses, prerenders, then the 25 keys."""

    offsets: Sequence[int]
    """Each day's place in the window, ascending."""
    columns: Sequence[Sequence[int]]

    def sums(self) -> list[int]:
        """The sum of each column."""
        return [sum(column) for column in self.columns]


def days_by_domain(
    store: EventsStore, domain_ids: Sequence[DomainId], window: Window
) -> dict[DomainId, Days]:
    """Counts by domain id; domains without any are left out."""
    columns = store.columns(query("series"), _parameters(domain_ids, window))
    if not columns:
        return {}
    ids, offsets, counts = columns[0], columns[1], columns[2:]
    found, start = {}, 0
    for domain_id, rows in groupby(ids):
        end = start + sum(1 for _ in rows)
        found[domain_id] = Days(offsets[start:end], [column[start:end] for column in counts])
        start = end
    return found


def top_pages(
    store: EventsStore, names: PageNames, domain_ids: Sequence[DomainId], window: Window
) -> dict[DomainId, list[tuple[str, int]]]:
    """The 20 most crawled pages of each domain, as (path, crawls by the 25 keys)."""
    columns = store.columns(query("top_pages"), _parameters(domain_ids, window))
    if not columns:
        return {}
    ids, hashes, counts = columns
    paths = names.paths(zip(ids, hashes, strict=True))
    found: dict[DomainId, list[tuple[str, int]]] = defaultdict(list)
    for domain_id, page, count in zip(ids, hashes, counts, strict=True):
        if path := paths.get((domain_id, page)):
            found[domain_id].append((path, count))
    return found


def whole_months(window: Window) -> tuple[date, date]:
    """The whole months inside a window: first day of the first, first day after the last.

    Where there is none, both are the day after the window: then all its days come before the whole months.
    """
    after = window.last + timedelta(days=1)
    begin = window.first if window.first.day == 1 else _next_month(window.first)
    end = after.replace(day=1)
    return (begin, end) if begin < end else (after, after)


def _parameters(domain_ids: Sequence[DomainId], window: Window) -> dict[str, object]:
    months_from, months_until = whole_months(window)
    return {
        "domains": list(domain_ids),
        "first": window.first,
        "last": window.last,
        "months_from": months_from,
        "months_until": months_until,
    }


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


async def _top_pages(sources: Sources, about: About, _: None) -> dict[DomainId, list[tuple[str, int]]]:
    store = sources.store
    return await store.run(top_pages, store, sources.names, about.ids, about.window)


DAYS: Final = Question("days", no_parameters, of_scope(days_by_domain))
TOP_PAGES: Final = Question("top-pages", no_parameters, _top_pages)
