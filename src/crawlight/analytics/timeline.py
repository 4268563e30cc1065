"""Crawls per day and bot, for charts."""

from collections.abc import Sequence

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, days_of, parameters
from crawlight.analytics.queries import query
from crawlight.bots.keys import BOT_KEYS, NAMED, OTHER, OTHER_SOCIAL
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window

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
    """One bot or group: its crawls of each day, and of all of them."""

    name: str
    counts: Sequence[int]
    total: int


class Timeline(msgspec.Struct, frozen=True):
    """``dates`` are those of the window that can be answered, oldest first; ``lines`` those with any crawl, in the
    order of the export.
    """

    dates: list[str]
    lines: list[Line]

    def folded(self) -> "Timeline":
        """The same with *Other social* and *Other* each as one line."""
        by_name = {line.name: line for line in self.lines}
        groups = ((name, [by_name[key] for key in keys if key in by_name]) for name, keys in GROUPS.items())
        return Timeline(self.dates, [_sum(name, lines) for name, lines in groups if lines])


def timeline(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> Timeline:
    """One query. Raises StoreError where the store is away."""
    days = days_of(window, filters)
    given = parameters(domain.id, window, filters) | {"first": days.first}
    counts: dict[str, list[int]] = {}
    for day, key, crawls in zip(*store.columns(query("by_day", filters.facts), given), strict=True):
        counts.setdefault(key or NO_KEY, [0] * days.days)[(day - days.first).days] = crawls
    order = (name for name in (*BOT_KEYS, NO_KEY) if name in counts)
    lines = [Line(name, counts[name], sum(counts[name])) for name in order]
    return Timeline([day.isoformat() for day in days.dates()], lines)


def _sum(name: str, lines: list[Line]) -> Line:
    counts = [sum(column) for column in zip(*(line.counts for line in lines), strict=True)]
    return Line(name, counts, sum(counts))
