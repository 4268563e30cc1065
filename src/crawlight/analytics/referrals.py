"""Visits of people that AI assistants sent."""

from collections import Counter
from datetime import date
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.page_names import PageNames
from crawlight.analytics.queries import query
from crawlight.analytics.question import About, Sources, TableQuestion, no_parameters
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


async def _answer(sources: Sources, about: About, _: None) -> Referrals:
    store = sources.store
    return await store.run(referrals, store, sources.names, about.domain, about.window)


REFERRALS: Final = TableQuestion(
    "referrals", no_parameters, _answer, lambda found: (("date", "assistant", "visits"), found.days)
)
REFERRED_PAGES: Final = TableQuestion(
    "referred-pages", no_parameters, _answer, lambda found: (("path", "visits"), found.pages)
)
"""The same answer; its table is of the pages."""
