"""Which version of its robots.txt each crawler of a domain fetched last: as far back as single rows are kept."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.analytics.question import Question, no_parameters, of_domain
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window

_MOST: Final = 500


class RobotsFetches(msgspec.Struct, frozen=True, rename="camel"):
    """Fetches of the robots.txt by one agent. ``version`` is that of the last one, 0 where it is not known."""

    agent: str
    last: datetime
    version: int
    fetches: int


def robots_fetches(store: EventsStore, domain: ScopedDomain, _: Window, __: None) -> list[RobotsFetches]:
    """By agent, the latest first. Raises StoreError where the store is away."""
    columns = store.columns(query("robots_fetches"), {"domain": domain.id, "limit": _MOST})
    rows = zip(*columns, strict=True)
    return [RobotsFetches(agent, last.replace(tzinfo=UTC), *rest) for agent, last, *rest in rows]


ROBOTS_FETCHES: Final = Question("robots", no_parameters, of_domain(robots_fetches))
