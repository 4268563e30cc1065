"""Which version of its robots.txt each crawler of a domain fetched last: as far back as single rows are kept."""

from datetime import datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.last_fetches import last_fetches
from crawlight.analytics.question import Question, no_parameters, of_domain
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class RobotsFetches(msgspec.Struct, frozen=True, rename="camel"):
    """Fetches of the robots.txt by one agent. ``version`` is that of the last one, 0 where it is not known."""

    agent: str
    last: datetime
    version: int
    fetches: int


def robots_fetches(store: EventsStore, domain: ScopedDomain, _: Window, __: None) -> list[RobotsFetches]:
    """By agent, the latest first. Raises StoreError where the store is away."""
    return last_fetches(store, "robots_fetches", domain, RobotsFetches)


ROBOTS_FETCHES: Final = Question("robots", no_parameters, of_domain(robots_fetches))
