"""Renders that are owed, as state of the pages: no queue, so two purges are one render and a crash loses none.

A worker claims a page with a lease; should it die, the page can be claimed again when the lease has run out.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, Literal, get_args

import msgspec
from sqlalchemy import and_, case, exists, func, not_, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crawlight.database.engine import Database, insert_into, one_at_a_time
from crawlight.database.tables import OriginPause, Page, PageInputs, Refresh
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.kit.clock import now

Want = Literal["miss", "purge", "stale", "refresh", "warm"]
"""Why a page is wanted: a crawler waits for it, somebody purged it, its snapshot is stale, the whole domain is
refreshed, or it has no snapshot yet. The order is that of the priorities."""

DUE: Final = ("stale", "refresh")
"""Reasons for which it is enough that what a page is made of is found unchanged (`domains.page_inputs`)."""

PRIORITY: Final = {reason: number for number, reason in enumerate(get_args(Want))}
LEASE: Final = timedelta(seconds=150)
"""Longer than any render may take with all its attempts."""

MOST_ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = timedelta(seconds=20)
_CHUNK: Final = 2_000
_KEY: Final = (Page.domain_id, Page.digest)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A page that this worker has to render. ``times`` is how often it was asked for since it is wanted."""

    domain_id: DomainId
    path: str
    reason: Want
    wanted_at: datetime
    lease: str
    attempts: int
    times: int


class State(msgspec.Struct, frozen=True):
    """What became of a page that somebody waits for.

    ``pending`` while it is owed or in hand; else ``failure`` says why there is nothing new, or is empty.
    """

    pending: bool
    failure: str = ""


async def want(database: Database, domain_id: DomainId, paths: Iterable[str], reason: Want) -> None:
    """Ask for renders of pages, also of pages never seen; asking again before they are done asks for no second.

    The stronger reason holds. A purge takes back what was learned from failures.
    """
    rest = iter(dict.fromkeys(paths))
    while chunk := list(islice(rest, _CHUNK)):
        async with database.write() as session:
            await session.execute(_wanting(session, reason), [_row(domain_id, p, reason) for p in chunk])


async def claimable(
    database: Database, busy: Collection[DomainId] = (), per_origin: int | None = None
) -> bool:
    """Say whether there is a page to claim; the arguments are those of `claim`."""
    async with database.read() as session:
        return await session.scalar(select(exists(_claimable(busy, per_origin)))) or False


async def any_owed(database: Database) -> bool:
    """Say whether any page is to be rendered, now or later, or is in hand."""
    async with database.read() as session:
        return await session.scalar(select(exists().where(Page.wanted_at.is_not(None)))) or False


async def claim(
    database: Database,
    count: int,
    *,
    busy: Collection[DomainId] = (),
    per_origin: int | None = None,
    least: Want = "warm",
) -> list[Claim]:
    """Take up to ``count`` pages in hand, the most urgent first. Nobody else gets them meanwhile.

    None are of the domains in ``busy``, nor of those of which workers, wherever they are, have ``per_origin`` pages in
    hand; of domains whose origin asked for a pause, only pages that a crawler waits for. None is less urgent than
    ``least``.
    """
    moment, lease = now(), secrets.token_hex(8)
    urgent = _claimable(busy, per_origin).where(Page.wanted_priority <= PRIORITY[least])
    chosen = urgent.limit(count).with_for_update(skip_locked=True, of=Page)
    async with database.write() as session:
        await one_at_a_time(session, "claims")  # Two who count at once would both find room for one.
        taken = update(Page).where(tuple_(*_KEY).in_(chosen)).values(lease=lease, not_before=moment + LEASE)
        rows = await session.execute(taken.returning(*_CLAIMED).execution_options(synchronize_session=False))
        claims = [_claim(row, lease) for row in rows]
    return sorted(claims, key=lambda one: (PRIORITY[one.reason], -one.times, one.wanted_at))


async def done(database: Database, claimed: Claim) -> None:
    """The page was rendered. One that was purged meanwhile is still wanted."""
    freed: dict[str, Any] = {"lease": None, "not_before": None, "failure": None, "attempts": 0}
    await _end(database, claimed, {**freed, **UNWANTED}, freed)


async def failed(database: Database, claimed: Claim, failure: str, pause_seconds: float = 0) -> None:
    """The render failed: it is tried again after a pause that doubles, and given up after some attempts.

    Where a crawler waited for it, there is no further attempt until one asks again.
    """
    attempts = claimed.attempts + 1
    pause_for = max(_FIRST_PAUSE * 2 ** (attempts - 1), timedelta(seconds=pause_seconds))
    told = {"lease": None, "failure": failure[:24], "attempts": attempts, "not_before": now() + pause_for}
    given_up = claimed.reason == "miss" or attempts >= MOST_ATTEMPTS
    freed: dict[str, Any] = {"lease": None, "not_before": None, "failure": None, "attempts": 0}
    await _end(database, claimed, {**told, **UNWANTED} if given_up else told, freed)


async def forgive(session: AsyncSession, domain_id: DomainId) -> None:
    """End the pauses of a domain's failed pages: why they failed may be gone."""
    paused = (Page.domain_id == domain_id, Page.failure.is_not(None), Page.lease.is_(None))
    await session.execute(update(Page).where(*paused).values(failure=None, not_before=None, attempts=0))


async def give_back(database: Database, claimed: Claim) -> None:
    """The render was not begun, or was cut off by a stop: somebody else may have it at once."""
    async with database.write() as session:
        mine = update(Page).where(*_of(claimed))
        await session.execute(mine.values(lease=None, not_before=None))


async def states(
    database: Database, pages: Collection[tuple[DomainId, str]]
) -> dict[tuple[DomainId, str], State]:
    """What became of pages, by domain id and path; those that nobody knows are absent."""
    keys = {(domain_id, path_digest(path)): (domain_id, path) for domain_id, path in pages}
    columns = (*_KEY, Page.wanted_at, Page.lease, Page.failure, Page.not_before)
    async with database.read() as session:
        rows = (await session.execute(select(*columns).where(tuple_(*_KEY).in_(list(keys))))).all()
    moment = now()
    return {keys[row[0], row[1]]: _state(*row[2:], moment) for row in rows}


def _state(
    wanted_at: datetime | None,
    lease: str | None,
    failure: str | None,
    not_before: datetime | None,
    moment: datetime,
) -> State:
    if failure and lease is None and not_before is not None and not_before > moment:
        return State(False, failure)
    return State(wanted_at is not None, failure or "")


async def _end(database: Database, claimed: Claim, values: dict[str, Any], purged: dict[str, Any]) -> None:
    """End a claim with ``values``, or with ``purged`` where the page was purged since it was claimed."""
    mine = update(Page).where(*_of(claimed))
    async with database.write() as session:
        await session.execute(mine.where(Page.wanted_at == claimed.wanted_at).values(values))
        await session.execute(mine.values(purged))


UNWANTED: Final[dict[str, Any]] = {"wanted_at": None, "wanted_reason": None, "wanted_times": 0}
"""A page that is owed no more."""
_CLAIMED: Final = (
    Page.domain_id,
    Page.path,
    Page.wanted_reason,
    Page.wanted_at,
    Page.attempts,
    Page.wanted_times,
)


def _claim(row: Any, lease: str) -> Claim:
    reason: Want = row.wanted_reason if row.wanted_reason in PRIORITY else "warm"
    return Claim(
        domain_id=row.domain_id,
        path=row.path,
        reason=reason,
        wanted_at=row.wanted_at,
        lease=lease,
        attempts=row.attempts,
        times=row.wanted_times,
    )


def _of(claimed: Claim) -> Sequence[Any]:
    digest = path_digest(claimed.path)
    return (Page.domain_id == claimed.domain_id, Page.digest == digest, Page.lease == claimed.lease)


def _claimable(busy: Collection[DomainId], per_origin: int | None) -> Any:
    """Keys of pages that may be claimed now, the most urgent first."""
    moment = now()
    paused = exists().where(Refresh.domain_id == Page.domain_id, Refresh.paused == true())
    slowed = exists().where(OriginPause.domain_id == Page.domain_id, OriginPause.until > moment)
    asked = exists().where(
        PageInputs.domain_id == Page.domain_id, PageInputs.digest == Page.digest, PageInputs.askable
    )
    return (
        select(*_KEY)
        .where(
            Page.wanted_at.is_not(None),
            or_(Page.not_before.is_(None), Page.not_before <= moment),
            Page.domain_id.not_in(list(busy)),
            Page.domain_id.not_in(_crowded(per_origin, moment)) if per_origin else true(),
            or_(Page.wanted_priority == 0, not_(slowed)),
            not_(and_(Page.wanted_reason == "refresh", paused)),
            not_(and_(Page.wanted_reason.in_(DUE), asked)),
        )
        .order_by(Page.wanted_priority, Page.wanted_times.desc(), Page.wanted_at)
    )


def _crowded(per_origin: int, moment: datetime) -> Any:
    """Domains of which so many pages are in hand."""
    in_hand = aliased(Page)
    leased = (in_hand.lease.is_not(None), in_hand.wanted_at.is_not(None), in_hand.not_before > moment)
    counted = select(in_hand.domain_id).where(*leased).group_by(in_hand.domain_id)
    return counted.having(func.count() >= per_origin)


def _row(domain_id: DomainId, path: str, reason: Want) -> dict[str, Any]:
    return {
        "domain_id": domain_id,
        "digest": path_digest(path),
        "path": path,
        "wanted_at": now(),
        "wanted_reason": reason,
        "wanted_priority": PRIORITY[reason],
        "wanted_times": 1,
    }


def _wanting(session: AsyncSession, reason: Want) -> Any:
    insert = insert_into(session, Page)
    given = insert.excluded
    stronger = or_(Page.wanted_at.is_(None), Page.wanted_priority > given.wanted_priority)
    changes: dict[str, Any] = {
        "wanted_reason": case((stronger, given.wanted_reason), else_=Page.wanted_reason),
        "wanted_priority": case((stronger, given.wanted_priority), else_=Page.wanted_priority),
        "wanted_times": Page.wanted_times + 1,
        # A purge is about what the page is now: a render that began before does not do for it.
        "wanted_at": given.wanted_at if reason == "purge" else func.coalesce(Page.wanted_at, given.wanted_at),
    }
    if reason == "purge":
        changes |= {
            "attempts": 0,
            "failure": None,
            "not_before": case((Page.lease.is_(None), None), else_=Page.not_before),
        }
    return insert.on_conflict_do_update(index_elements=_KEY, set_=changes)
