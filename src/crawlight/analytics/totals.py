"""The sums of a window, each with its change against the equal window before."""

from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.document import hit_rate
from crawlight.analytics.filters import Filters, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import Table, TableQuestion, of_domain
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class Totals(msgspec.Struct, frozen=True, rename="camel"):
    """Sums of one window. ``spoofed`` crawls are in none of the others; ``ai``, ``search`` and ``social`` are
    crawls of these categories.
    """

    crawls: int = 0
    hits: int = 0
    misses: int = 0
    prerenders: int = 0
    spoofed: int = 0
    ai: int = 0
    search: int = 0
    social: int = 0

    @property
    def hit_rate(self) -> int | float:
        """As in the export: percent, one decimal."""
        return hit_rate(self.hits, self.misses)


class Compared(msgspec.Struct, frozen=True):
    """A window's sums and those of the equal window before it."""

    now: Totals
    before: Totals

    def change(self, name: str) -> float | None:
        """The change of one sum as a share, 0.12 for 12 % more; None where there was nothing before."""
        return change(getattr(self.now, name), getattr(self.before, name))


def totals(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> Compared:
    """One query. Raises StoreError where the store is away."""
    columns = store.columns(query("totals", filters.facts), parameters(domain.id, window, filters))
    found = {bool(row[0]): Totals(*map(int, row[1:])) for row in zip(*columns, strict=True)}
    return Compared(found.get(True, Totals()), found.get(False, Totals()))


def change(now: float, earlier: float) -> float | None:
    """The change as a share; None where there was nothing before."""
    return (now - earlier) / earlier if earlier else None


def _table(found: Compared) -> Table:
    names = found.now.__struct_fields__
    rows = [
        (name, getattr(found.now, name), getattr(found.before, name), found.change(name)) for name in names
    ]
    return ("sum", "crawls", "before", "change"), rows


TOTALS: Final = TableQuestion("totals", read_filters, of_domain(totals), _table)
