"""What crawlers got: by class of status, and by outcome."""

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, parameters
from crawlight.analytics.queries import query
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class Answer(msgspec.Struct, frozen=True):
    """Crawls of one class of status (``2xx``, or ``unknown``) and outcome."""

    status: str
    outcome: str
    crawls: int


def answers(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> list[Answer]:
    """One query. Raises StoreError where the store is away."""
    columns = store.columns(query("by_answer", filters.facts), parameters(domain.id, window, filters))
    return [
        Answer(f"{status}xx" if status else "unknown", *rest) for status, *rest in zip(*columns, strict=True)
    ]
