"""What pages with numbers reach beyond the database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from fastapi import Request

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.export import Exporter
from crawlight.bots.identity import Identity
from crawlight.crawls.crowding import Crowds
from crawlight.dashboard.visits import Visit
from crawlight.domains.retention import kept_days
from crawlight.kit.clock import now
from crawlight.kit.periods import Window, window
from crawlight.rendering.comparer import Comparer
from crawlight.rendering.snapshots import Snapshots
from crawlight.report.reporter import Reporter


@dataclass(frozen=True)
class Reach:
    """Export, report and snapshots of one server; questions are put to the sources of the export.

    ``kept_days`` is for domains without their own, ``wake`` tells the worker that a page is wanted, ``identity`` holds
    the address lists of the crawlers' operators, ``crowds`` the addresses that are not believed, ``comparer`` compares
    pages with what people see of them.
    """

    exporter: Exporter
    reporter: Reporter
    snapshots: Snapshots
    kept_days: int
    identity: Identity
    crowds: Crowds
    wake: Callable[[], None]
    comparer: Comparer
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server ends, so that pages that stay open let it."""


def reach_of(request: Request) -> Reach:
    """The reach of the server that a request came to."""
    reach: Reach = request.app.state.reach
    return reach


async def window_of(visit: Visit, domain: ScopedDomain) -> Window:
    """The days of a page's period, which know from when on the domain's single crawls are kept."""
    days = window(visit.period, now())
    kept = await kept_days(visit.site.database, domain.id, reach_of(visit.request).kept_days)
    return replace(days, kept=days.last - timedelta(days=kept - 1))
