"""Answers of queries that have a row for each agent: its name, when it last came, and counts."""

from collections.abc import Callable
from datetime import UTC
from typing import Final, TypeVar

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.events.store import EventsStore

_MOST: Final = 500

Row = TypeVar("Row")


def last_fetches(
    store: EventsStore, name: str, domain: ScopedDomain, row: Callable[..., Row], **given: object
) -> list[Row]:
    """The rows of the query ``name``, in its order, each made by ``row``. Raises StoreError where the store is away."""
    columns = store.columns(query(name), {"domain": domain.id, "limit": _MOST, **given})
    rows = zip(*columns, strict=True)
    return [row(agent, last.replace(tzinfo=UTC), *rest) for agent, last, *rest in rows]
