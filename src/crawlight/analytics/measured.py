"""How large the answers to a bot were and how long they took: median and 95 %, as far as anybody measured."""

from collections.abc import Sequence
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import Table, TableQuestion, of_domain
from crawlight.bots.catalogue import load
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class Measured(msgspec.Struct, frozen=True, rename="camel"):
    """Quantiles of one measure, right to 4.5 %. ``median`` and ``p95`` are None where no crawl was measured."""

    crawls: int = 0
    """How many were measured."""
    median: int | None = None
    p95: int | None = None


class MeasuredRow(msgspec.Struct, frozen=True, rename="camel"):
    """One agent, or all of a bot together where ``agent`` is empty. ``bytes`` are of bodies as they were sent."""

    agent: str = ""
    bytes: Measured = Measured()
    milliseconds: Measured = Measured()


def measured(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> list[MeasuredRow]:
    """All of a bot together first, then its agents that were measured. Of the filters only ``bot`` holds.

    One query. Raises StoreError where the store is away.
    """
    agents = [agent.name for agent in load().agent if agent.key == filters.bot]
    given = parameters(domain.id, window, filters) | {"agents": agents or [filters.bot]}
    rows = [
        MeasuredRow(name, _measured(sized, sizes), _measured(timed, times))
        for name, sized, sizes, timed, times in zip(*store.columns(query("measured"), given), strict=True)
    ]
    return rows or [MeasuredRow()]


def _measured(number: int, buckets: Sequence[float]) -> Measured:
    return Measured(number, _middle(buckets[0]), _middle(buckets[1])) if number else Measured()


def _middle(bucket: float) -> int:
    """The value in the middle of a bucket, which is an eighth of a doubling (`events/schema`)."""
    return round(2 ** ((int(bucket) + 0.5) / 8))


def _table(found: list[MeasuredRow]) -> Table:
    parts = ("crawls", "median", "p95")
    header = ("agent", *(f"{what}_{part}" for what in ("bytes", "milliseconds") for part in parts))
    return header, [
        (one.agent, *msgspec.structs.astuple(one.bytes), *msgspec.structs.astuple(one.milliseconds))
        for one in found
    ]


MEASURED: Final = TableQuestion("measured", read_filters, of_domain(measured), _table)
