"""What pages were made of, and which of them are asked for it next: those that are due, then some in idle time.

Who asks holds a lease of its own beside the page's: a crawler that comes meanwhile is not kept waiting by it.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import and_, exists, not_, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crawlight.database.engine import Database, insert_into, one_at_a_time
from crawlight.database.tables import OriginPause, Page, PageInputs, Refresh
from crawlight.domains.pages import path_digest
from crawlight.domains.wanted import DUE, PRIORITY, UNWANTED
from crawlight.ids import DomainId
from crawlight.kit.clock import now

LEASE: Final = timedelta(seconds=120)
SHORTEST: Final = 300
"""Seconds between two times that a page is asked in idle time, at least."""

_KEY: Final = (PageInputs.domain_id, PageInputs.digest)
_GROWS: Final = 1.5
"""A page that is found unchanged is asked that much later the next time; one that has changed twice as often."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a page: see `PageInputs` for the members."""

    inputs: bytes
    content_hash: bytes
    rendered_at: datetime
    why_not: str = ""
    askable: bool = False
    asked_at: datetime | None = None
    interval: int = SHORTEST


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is to be asked. ``wanted_at`` is since when it is due; None in idle time."""

    domain_id: DomainId
    path: str
    noted: Noted
    lease: str
    wanted_at: datetime | None


async def read(database: Database, domain_id: DomainId, path: str) -> Noted | None:
    """What is known of a page; None where nothing is."""
    async with database.read() as session:
        row = await session.get(PageInputs, (domain_id, path_digest(path)))
    return None if row is None else _noted(row)


async def note(database: Database, domain_id: DomainId, path: str, noted: Noted) -> None:
    """Note what a page was made of, in the place of what was known before; who asks for that has asked in vain."""
    values = {
        **{name: getattr(noted, name) for name in Noted.__struct_fields__},
        "ask_at": now() + timedelta(seconds=noted.interval),
        "lease": None,
        "lease_until": None,
    }
    async with database.write() as session:
        insert = insert_into(session, PageInputs).values(
            domain_id=domain_id, digest=path_digest(path), **values
        )
        await session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=values))


async def forget(database: Database, domain_id: DomainId, path: str) -> None:
    """Know nothing of a page any more."""
    async with database.write() as session:
        row = await session.get(PageInputs, (domain_id, path_digest(path)))
        if row is not None:
            await session.delete(row)


async def claim(database: Database, count: int, *, idle: bool = False) -> list[Claim]:
    """Take up to ``count`` pages of a domain in hand that are due, or with ``idle`` those whose time has come.

    It is none whose origin asked for a pause, or of which pages are in hand already: as many are asked at a time as its
    origin is to bear.
    """
    lease = secrets.token_hex(8)
    async with database.read() as session:
        if (await session.execute(_askable(idle).limit(1))).first() is None:
            return []
    async with database.write() as session:
        await one_at_a_time(session, "asks")
        first = (await session.execute(_askable(idle).limit(1))).first()
        if first is None:
            return []
        of_domain = PageInputs.domain_id == first.PageInputs.domain_id
        rows = list(await session.execute(_askable(idle).where(of_domain).limit(count)))
        keys = [(row.PageInputs.domain_id, row.PageInputs.digest) for row in rows]
        taken = {"lease": lease, "lease_until": now() + LEASE}
        await session.execute(update(PageInputs).where(tuple_(*_KEY).in_(keys)).values(taken))
        return [
            Claim(
                domain_id=row.PageInputs.domain_id,
                path=row.path,
                noted=_noted(row.PageInputs),
                lease=lease,
                wanted_at=row.wanted_at,
            )
            for row in rows
        ]


async def unchanged(session: AsyncSession, claims: Sequence[Claim], freshness: Sequence[int]) -> None:
    """These were found as they were: they are owed no more, unless somebody purged them meanwhile.

    ``freshness`` has the seconds for which each stays fresh, after which it is asked again at the latest.
    """
    moment = now()
    for one, seconds in zip(claims, freshness, strict=True):
        interval = min(round(one.noted.interval * _GROWS), max(seconds, SHORTEST))
        await _end(
            session, one, asked_at=moment, interval=interval, ask_at=moment + timedelta(seconds=interval)
        )
    due = [(one.domain_id, path_digest(one.path)) for one in claims if one.wanted_at is not None]
    if due:
        same = (
            tuple_(Page.domain_id, Page.digest).in_(due),
            Page.wanted_reason.in_(DUE),
            Page.lease.is_(None),
        )
        freed = {**UNWANTED, "failure": None, "attempts": 0, "not_before": None}
        await session.execute(update(Page).where(*same).values(freed))


async def changed(session: AsyncSession, claimed: Claim) -> None:
    """Something of the page is another, or nobody knows: it is rendered."""
    moment = now()
    interval = max(claimed.noted.interval // 2, SHORTEST)
    await _end(session, claimed, asked_at=moment, interval=interval, askable=False)
    page = (Page.domain_id == claimed.domain_id, Page.digest == path_digest(claimed.path))
    owed = {
        "wanted_at": moment,
        "wanted_reason": "stale",
        "wanted_priority": PRIORITY["stale"],
        "attempts": 0,
    }
    await session.execute(update(Page).where(*page, Page.wanted_at.is_(None)).values(**owed, wanted_times=1))


async def give_back(database: Database, claims: Sequence[Claim]) -> None:
    """They were not asked: somebody else may have them at once."""
    async with database.write() as session:
        for one in claims:
            await _end(session, one)


async def _end(session: AsyncSession, claimed: Claim, **values: Any) -> None:
    key = (PageInputs.domain_id == claimed.domain_id, PageInputs.digest == path_digest(claimed.path))
    mine = update(PageInputs).where(*key, PageInputs.lease == claimed.lease)
    await session.execute(mine.values(lease=None, lease_until=None, **values))


def _askable(idle: bool) -> Any:
    moment = now()
    free = (PageInputs.askable, or_(PageInputs.lease.is_(None), PageInputs.lease_until < moment))
    paused = exists().where(Refresh.domain_id == Page.domain_id, Refresh.paused == true())
    slowed = exists().where(OriginPause.domain_id == PageInputs.domain_id, OriginPause.until > moment)
    other = aliased(PageInputs)
    elsewhere = exists().where(
        other.domain_id == PageInputs.domain_id, other.lease.is_not(None), other.lease_until > moment
    )
    of_page = and_(Page.domain_id == PageInputs.domain_id, Page.digest == PageInputs.digest)
    asked = select(PageInputs, Page.path, Page.wanted_at).join(Page, of_page)
    asked = asked.where(*free, not_(slowed), not_(elsewhere))
    if idle:
        return asked.where(PageInputs.ask_at <= moment, Page.wanted_at.is_(None)).order_by(PageInputs.ask_at)
    due = (
        Page.wanted_at.is_not(None),
        Page.wanted_reason.in_(DUE),
        Page.lease.is_(None),
        or_(Page.not_before.is_(None), Page.not_before <= moment),
        not_(and_(Page.wanted_reason == "refresh", paused)),
    )
    return asked.where(*due).order_by(Page.wanted_priority, Page.wanted_times.desc(), Page.wanted_at)


def _noted(row: PageInputs) -> Noted:
    return Noted(**{name: getattr(row, name) for name in Noted.__struct_fields__})
