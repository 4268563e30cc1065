"""Which robots.txt a domain had when: each version that was seen is kept once, with the times at which it was in force.

A version is what a domain answered: its status and, where that is 200, its content. Nobody knows what was in force
before the first look, and between two looks it was what the earlier one saw.
"""

import bisect
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from crawlight.database.engine import Database
from crawlight.database.tables import Domain, RobotsPeriod, RobotsVersion
from crawlight.ids import DomainId
from crawlight.kit.clock import now

MOST_VERSIONS: Final = 500
MOST_PERIODS: Final = 2_000
"""Of a domain, the latest ones: a file that differs at each look must not fill the database."""


class Version(msgspec.Struct, frozen=True, rename="camel"):
    """One version. ``size`` is in bytes; ``in_force`` says that it is what was seen last.

    ``saved_at`` is when it was last saved here, None of what was only seen.
    """

    number: int
    first_seen_at: datetime
    last_seen_at: datetime
    status: int
    size: int
    in_force: bool
    saved_at: datetime | None = None


class InForce(msgspec.Struct, frozen=True):
    """Which versions of a domain were in force: each of ``numbers`` from the Unix time in ``since`` on."""

    since: Sequence[float]
    numbers: Sequence[int]

    def at(self, seconds: float) -> int:
        """The version's number at a Unix time; 0 where it is not known."""
        place = bisect.bisect_right(self.since, seconds)
        return self.numbers[place - 1] if place else 0


async def keep(
    database: Database, domain_id: DomainId, status: int, content: bytes, seen_at: datetime | None = None
) -> int:
    """Note what a domain answered for its robots.txt; answers its version's number, 0 for a removed domain."""
    body = content if status == 200 else b""
    async with database.write() as session:
        version = await _noted(session, domain_id, status, body, seen_at or now())
        return version.number if version else 0


async def save(session: AsyncSession, domain_id: DomainId, content: bytes) -> None:
    """Note what a domain answers from now on, because it was saved here."""
    moment = now()
    version = await _noted(session, domain_id, 200, content, moment)
    if version is not None:
        version.saved_at = moment


async def _noted(
    session: AsyncSession, domain_id: DomainId, status: int, body: bytes, moment: datetime
) -> RobotsVersion | None:
    """The version of an answer, in force from a moment on; None for a removed domain."""
    # Locks the domain on PostgreSQL: numbers are given one after the other.
    locked = select(Domain.id).where(Domain.id == domain_id).with_for_update()
    if await session.scalar(locked) is None:
        return None
    version = await _version(session, domain_id, status, body, moment)
    await _note_period(session, domain_id, version.number, moment)
    return version


async def versions(database: Database, domain_id: DomainId) -> list[Version]:
    """All versions of a domain's robots.txt that are kept, the one in force first, then by when they were seen last."""
    query = select(RobotsVersion).where(RobotsVersion.domain_id == domain_id)
    query = query.options(defer(RobotsVersion.content))
    async with database.read() as session:
        current = await _current(session, domain_id)
        rows = list(await session.scalars(query))
    found = [
        Version(
            number=row.number,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            status=row.status,
            size=row.size,
            in_force=current is not None and row.number == current.number,
            saved_at=row.saved_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.in_force, one.last_seen_at, one.number), reverse=True)


async def content(database: Database, domain_id: DomainId, number: int) -> bytes | None:
    """The content of a version; empty where it had none, None where it is not kept."""
    async with database.read() as session:
        row = await session.get(RobotsVersion, (domain_id, number))
    return zlib.decompress(row.content) if row is not None else None


async def text_in_force(database: Database, domain_id: DomainId) -> str | None:
    """What the domain answered last for its robots.txt; empty where that was none, None where nobody knows.

    A web page in its place is none: crawlers find no rules in it.
    """
    async with database.read() as session:
        current = await _current(session, domain_id)
        row = await session.get(RobotsVersion, (domain_id, current.number)) if current else None
    if row is None or row.status >= 500:
        return None
    text = zlib.decompress(row.content).decode("utf-8", "replace")
    return "" if is_web_page(text) else text


def is_web_page(text: str) -> bool:
    """Say whether what stands for a robots.txt is an HTML page."""
    return text.lstrip("\ufeff \t\r\n")[:9].lower().startswith(("<!doctype", "<html"))


async def before(database: Database, domain_id: DomainId, number: int) -> int | None:
    """The version that was in force before a version came last; None where it was the first."""
    of_domain = RobotsPeriod.domain_id == domain_id
    began = select(func.max(RobotsPeriod.since)).where(of_domain, RobotsPeriod.number == number)
    earlier = select(RobotsPeriod.number).where(of_domain, RobotsPeriod.since < began.scalar_subquery())
    async with database.read() as session:
        return await session.scalar(earlier.order_by(RobotsPeriod.since.desc()).limit(1))


async def in_force(
    database: Database, domain_ids: Collection[DomainId], oldest: float = 0
) -> Mapping[DomainId, InForce]:
    """Which versions were in force from the Unix time ``oldest`` on, of each of the domains of which any was seen."""
    moment = datetime.fromtimestamp(oldest, UTC)
    earlier = aliased(RobotsPeriod)
    before = select(func.max(earlier.since)).where(earlier.since <= moment)
    before = before.where(earlier.domain_id == RobotsPeriod.domain_id)
    query = (
        select(RobotsPeriod.domain_id, RobotsPeriod.since, RobotsPeriod.number)
        .where(RobotsPeriod.domain_id.in_(domain_ids))
        .where((RobotsPeriod.since > moment) | (RobotsPeriod.since == before.scalar_subquery()))
        .order_by(RobotsPeriod.since)
    )
    periods: dict[DomainId, tuple[list[float], list[int]]] = {}
    async with database.read() as session:
        for domain_id, since, number in await session.execute(query):
            found = periods.setdefault(domain_id, ([], []))
            found[0].append(since.timestamp())
            found[1].append(number)
    return {domain_id: InForce(*found) for domain_id, found in periods.items()}


async def seen_since(database: Database, domain_ids: Collection[DomainId], moment: datetime) -> set[DomainId]:
    """Those of the domains whose robots.txt was seen at a moment or later."""
    query = select(RobotsVersion.domain_id).where(RobotsVersion.domain_id.in_(domain_ids))
    async with database.read() as session:
        return set(await session.scalars(query.where(RobotsVersion.last_seen_at >= moment)))


async def _version(
    session: AsyncSession, domain_id: DomainId, status: int, body: bytes, moment: datetime
) -> RobotsVersion:
    """The version, seen at a moment; made where it is new."""
    digest = blake2b(b"%d\n" % status + body, digest_size=32).digest()
    query = select(RobotsVersion).filter_by(domain_id=domain_id, hash=digest)
    version = await session.scalar(query)
    if version is not None:
        version.first_seen_at = min(version.first_seen_at, moment)
        version.last_seen_at = max(version.last_seen_at, moment)
        return version
    highest = select(func.max(RobotsVersion.number)).where(RobotsVersion.domain_id == domain_id)
    version = RobotsVersion(
        domain_id=domain_id,
        number=(await session.scalar(highest) or 0) + 1,
        hash=digest,
        status=status,
        size=len(body),
        content=zlib.compress(body),
        first_seen_at=moment,
        last_seen_at=moment,
    )
    session.add(version)
    await session.flush()
    await _drop_surplus(session, domain_id, version.number)
    return version


async def _note_period(session: AsyncSession, domain_id: DomainId, number: int, moment: datetime) -> None:
    """Begin a period where another version was in force, unless a later look was noted already."""
    current = await _current(session, domain_id)
    if current is not None and (current.number == number or current.since >= moment):
        return
    session.add(RobotsPeriod(domain_id=domain_id, since=moment, number=number))
    await session.flush()
    of_domain = RobotsPeriod.domain_id == domain_id
    oldest = select(RobotsPeriod.since).where(of_domain).order_by(RobotsPeriod.since.desc())
    surplus = await session.scalar(oldest.offset(MOST_PERIODS).limit(1))
    if surplus is not None:
        await session.execute(delete(RobotsPeriod).where(of_domain, RobotsPeriod.since <= surplus))


async def _current(session: AsyncSession, domain_id: DomainId) -> RobotsPeriod | None:
    query = select(RobotsPeriod).where(RobotsPeriod.domain_id == domain_id)
    return await session.scalar(query.order_by(RobotsPeriod.since.desc()).limit(1))


async def _drop_surplus(session: AsyncSession, domain_id: DomainId, newest: int) -> None:
    """Drop the versions that were seen longest ago, with their periods."""
    of_domain = RobotsVersion.domain_id == domain_id
    others = select(RobotsVersion.number).where(of_domain, RobotsVersion.number != newest)
    longest_ago = others.order_by(RobotsVersion.last_seen_at.desc(), RobotsVersion.number.desc())
    surplus = list(await session.scalars(longest_ago.offset(MOST_VERSIONS - 1)))
    if surplus:
        await session.execute(delete(RobotsVersion).where(of_domain, RobotsVersion.number.in_(surplus)))
