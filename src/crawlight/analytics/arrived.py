"""Whether anything has come of a domain yet."""

from datetime import timedelta
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.analytics.question import Question, no_parameters, of_domain
from crawlight.events.store import EventsStore
from crawlight.kit.clock import now
from crawlight.kit.periods import Window

_LIVE_FOR: Final = timedelta(days=30)


class Arrived(msgspec.Struct, frozen=True):
    """``counted``: there are numbers, from whatever source. ``live``: crawls came as they happened, this month."""

    counted: bool
    live: bool


def arrived(store: EventsStore, domain: ScopedDomain, _: Window, __: None) -> Arrived:
    """What has come of a domain, whatever the days of the page. Raises StoreError where the store is away."""
    given = {"domain": domain.id, "after": now() - _LIVE_FOR}
    ((counted,), (live,)) = store.columns(query("arrived"), given)
    return Arrived(bool(counted), bool(live))


ARRIVED: Final = Question("arrived", no_parameters, of_domain(arrived))
