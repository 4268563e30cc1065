"""What crawlers got: by class of status, and by outcome."""

from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import TableQuestion, of_domain, table_of
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


ANSWERS: Final = TableQuestion("answers", read_filters, of_domain(answers), table_of(Answer))
