"""What pages with numbers reach beyond the database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import Request

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.export import Exporter
from crawlight.bots.identity import Identity
from crawlight.database.engine import Database
from crawlight.domains.retention import kept_days
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window
from crawlight.rendering.snapshots import Snapshots
from crawlight.report.reporter import Reporter


@dataclass(frozen=True)
class Reach:
    """The events store, export, report and snapshots of one server.

    ``kept_days`` is for domains without their own, ``wake`` tells the worker that a page is wanted, ``identity`` holds
    the address lists of the crawlers' operators.
    """

    store: EventsStore
    exporter: Exporter
    reporter: Reporter
    snapshots: Snapshots
    kept_days: int
    identity: Identity
    wake: Callable[[], None]
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server ends, so that pages that stay open let it."""


def reach_of(request: Request) -> Reach:
    """The reach of the server that a request came to."""
    reach: Reach = request.app.state.reach
    return reach


async def days_missing(reach: Reach, database: Database, domain: ScopedDomain, window: Window) -> int:
    """Days for which single crawls are kept, where the window is longer than that; else 0."""
    kept = await kept_days(database, domain.id, reach.kept_days)
    return kept if window.first < window.last - timedelta(days=kept) else 0
