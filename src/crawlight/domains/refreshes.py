"""Refreshes of whole domains: all its known pages are wanted at once, and somebody looks how far that is."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, or_, select, update

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page, Refresh
from crawlight.domains.wanted import PRIORITY, UNWANTED
from crawlight.ids import DomainId
from crawlight.kit.clock import now


class Progress(msgspec.Struct, frozen=True):
    """How far the last refresh of a domain is: of ``total`` pages, ``left`` are still owed."""

    started_at: datetime
    total: int
    left: int
    paused: bool


async def begin(database: Database, domain_id: DomainId) -> int:
    """Ask for all known pages of a domain, as one refresh; answers how many are owed."""
    moment, priority = now(), PRIORITY["refresh"]
    async with database.write() as session:
        known = (Page.domain_id == domain_id, Page.first_seen_at.is_not(None), Page.gone_at.is_(None))
        free = or_(Page.wanted_at.is_(None), Page.wanted_priority > priority)
        owed = {"wanted_at": moment, "wanted_reason": "refresh", "wanted_priority": priority, "attempts": 0}
        await session.execute(update(Page).where(*known, free).values(**owed))
        total = await session.scalar(_owed(domain_id)) or 0
        refresh = {"started_at": moment, "total": total, "paused": False}
        insert = insert_into(session, Refresh).values(domain_id=domain_id, **refresh)
        await session.execute(insert.on_conflict_do_update(index_elements=["domain_id"], set_=refresh))
    return total


async def progress(database: Database, domain_id: DomainId) -> Progress | None:
    """How far the last refresh of a domain is; None where there was none."""
    async with database.read() as session:
        row = await session.get(Refresh, domain_id)
        left = await session.scalar(_owed(domain_id)) or 0
    return None if row is None else Progress(row.started_at, max(row.total, left), left, row.paused)


async def pause(database: Database, domain_id: DomainId, paused: bool = True) -> None:
    """Stop rendering a domain's refresh until it is resumed. Crawlers and purges go on."""
    async with database.write() as session:
        await session.execute(update(Refresh).where(Refresh.domain_id == domain_id).values(paused=paused))


async def cancel(database: Database, domain_id: DomainId) -> None:
    """Give a domain's refresh up: what is still owed only by it is owed no more."""
    async with database.write() as session:
        mine = (Page.domain_id == domain_id, Page.wanted_reason == "refresh", Page.lease.is_(None))
        await session.execute(update(Page).where(*mine).values(UNWANTED))


def _owed(domain_id: DomainId) -> Any:
    owed = select(func.count()).select_from(Page)
    return owed.where(Page.domain_id == domain_id, Page.wanted_reason == "refresh")
