"""Visits of people that AI assistants sent."""

from collections import Counter
from datetime import date

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.analytics.series import PageNames
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class Referrals(msgspec.Struct, frozen=True):
    """``assistants`` and ``pages`` with their visits, most first; ``days`` as (day, assistant, visits)."""

    assistants: list[tuple[str, int]]
    pages: list[tuple[str, int]]
    days: list[tuple[date, str, int]]

    @property
    def total(self) -> int:
        """All visits."""
        return sum(visits for _, visits in self.assistants)


def referrals(store: EventsStore, names: PageNames, domain: ScopedDomain, window: Window) -> Referrals:
    """Two queries, and one for names of pages. Raises StoreError where the store is away."""
    given = {"domain": domain.id, "since": window.first, "last": window.last}
    days = [
        (day, name, int(n)) for day, name, n in zip(*store.columns(query("referrals"), given), strict=True)
    ]
    counts: Counter[str] = Counter()
    for _, assistant, visits in days:
        counts[assistant] += visits
    found = list(zip(*store.columns(query("referred_pages"), given), strict=True))
    paths = names.paths((domain.id, page) for page, _ in found)
    pages = [(paths[domain.id, page], int(n)) for page, n in found if (domain.id, page) in paths]
    return Referrals(sorted(counts.items(), key=lambda item: (-item[1], item[0])), pages, days)
