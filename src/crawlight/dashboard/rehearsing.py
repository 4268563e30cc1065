"""What a change would have done to the crawls of the last 90 days, for forms whose changes can be rehearsed."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.rehearsal import recorded_crawls
from crawlight.dashboard.questions import sources_of
from crawlight.dashboard.visits import Visit
from crawlight.domains.rehearsal import Change, Effect, effects
from crawlight.kit.clock import now
from crawlight.kit.periods import window

PERIOD: Final = "90d"


class Rehearsed(msgspec.Struct, frozen=True):
    """The effects on some of ``of`` crawls."""

    effects: Sequence[Effect]
    crawls: int
    of: int


async def rehearsed(visit: Visit, domain: ScopedDomain, change: Change) -> Rehearsed:
    """Rehearse a change. Raises StoreError where the events store is away."""
    store = sources_of(visit).store
    crawls = await store.run(recorded_crawls, store, domain.id, window(PERIOD, now()))
    found = await asyncio.to_thread(effects, crawls, change)
    return Rehearsed(found, sum(one.crawls for one in found), sum(one.crawls for one in crawls))
