"""Crawls per day, or per hour of one day, and bot, for charts."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, days_of, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import Table, TableQuestion, of_domain
from crawlight.bots.keys import BOT_KEYS, NAMED, OTHER, OTHER_SOCIAL
from crawlight.events.store import EventsStore
from crawlight.kit.clock import now
from crawlight.kit.periods import Window

_LAST_HOUR = 23

NO_KEY = "no_key"
"""Stands for the recognised bots that have no key."""

GROUPS: dict[str, tuple[str, ...]] = {
    **{key: (key,) for key in NAMED},
    "other_social": OTHER_SOCIAL,
    "other": OTHER,
    NO_KEY: (NO_KEY,),
}
"""What a chart shows, in its order: nine bots by name, the others folded."""


class Line(msgspec.Struct, frozen=True):
    """One bot or group: its crawls of each day or hour, and of all of them."""

    name: str
    counts: Sequence[int]
    total: int


class Timeline(msgspec.Struct, frozen=True):
    """``dates`` are those of the window that can be answered, oldest first; ``lines`` those with any crawl, in the
    order of the export. Of a window of one day, ``dates`` are its hours up to now, as ``2026-06-29T13:00Z``.
    """

    dates: list[str]
    lines: list[Line]
    hours: bool = False

    def folded(self) -> "Timeline":
        """The same with *Other social* and *Other* each as one line."""
        by_name = {line.name: line for line in self.lines}
        groups = ((name, [by_name[key] for key in keys if key in by_name]) for name, keys in GROUPS.items())
        return Timeline(self.dates, [_sum(name, lines) for name, lines in groups if lines], self.hours)


def timeline(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> Timeline:
    """One query. Raises StoreError where the store is away."""
    if window.days == 1:
        return _by_hour(store, domain, window, filters)
    days = days_of(window, filters)
    given = parameters(domain.id, window, filters) | {"first": days.first}
    rows = zip(*store.columns(query("by_day", filters.facts), given), strict=True)
    lines = _lines(days.days, (((day - days.first).days, key, crawls) for day, key, crawls in rows))
    return Timeline([day.isoformat() for day in days.dates()], lines)


def _by_hour(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> Timeline:
    given = parameters(domain.id, window, filters)
    rows = list(zip(*store.columns(query("by_hour"), given), strict=True))
    moment = now()
    last = moment.hour if window.last == moment.date() else _LAST_HOUR
    hours = max([last, *(row[0] for row in rows)]) + 1  # a server's clock may be ahead
    return Timeline(
        [f"{window.last}T{hour:02}:00Z" for hour in range(hours)], _lines(hours, rows), hours=True
    )


def _lines(places: int, rows: Iterable[tuple[int, str, int]]) -> list[Line]:
    """Lines of rows with place, key and crawls."""
    counts: dict[str, list[int]] = {}
    for place, key, crawls in rows:
        counts.setdefault(key or NO_KEY, [0] * places)[place] = crawls
    order = (name for name in (*BOT_KEYS, NO_KEY) if name in counts)
    return [Line(name, counts[name], sum(counts[name])) for name in order]


def _sum(name: str, lines: list[Line]) -> Line:
    counts = [sum(column) for column in zip(*(line.counts for line in lines), strict=True)]
    return Line(name, counts, sum(counts))


def _table(found: Timeline) -> Table:
    counts = (
        zip(*(line.counts for line in found.lines), strict=True) if found.lines else [()] * len(found.dates)
    )
    rows = [(day, *some) for day, some in zip(found.dates, counts, strict=True)]
    return ("date", *(line.name for line in found.lines)), rows


TIMELINE: Final = TableQuestion("timeline", read_filters, of_domain(timeline), _table)
