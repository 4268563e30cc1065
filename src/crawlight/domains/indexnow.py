"""IndexNow of domains (https://www.indexnow.org/documentation): on or off, what changed, what was told."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Select, delete, func, insert, select, update

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import IndexNow, IndexNowPage, Page, Snapshot
from crawlight.domains.agents import change_agents, read_agents
from crawlight.ids import DomainId
from crawlight.kit.clock import now

BATCH: Final = 10_000
"""URLs in one submission; the protocol's most."""

MOST_LOOKED_AT: Final = 2_000
"""Snapshots of a domain that are looked at each time."""

_OVERLAP: Final = 100
"""Snapshots that are looked at once more: ids are given before commits, which come in another order."""

_CHUNK: Final = 5_000


class State(msgspec.Struct, frozen=True, rename="camel"):
    """How it stands with a domain: pages that ``wait`` to be told, and when any was told last."""

    since: datetime
    waiting: int
    last: datetime | None
    failure: str
    paused_until: datetime | None


class Looked(msgspec.Struct, frozen=True):
    """A page as it was looked at: the hash of its HTML, and of its main text where that is known."""

    content_hash: bytes
    text_hash: bytes | None


class Fresh(msgspec.Struct, frozen=True):
    """A page with a new snapshot; ``before`` is as it was looked at last, None where it had none then.

    ``known_before`` says that the page was known when IndexNow was switched on.
    """

    digest: bytes
    path: str
    status: int
    location: str | None
    content_hash: bytes
    before: Looked | None
    known_before: bool


async def switch(database: Database, domain_id: DomainId, on: bool) -> None:
    """Switch it on, with a key of its own and nothing to tell yet, or off; as it is already, nothing changes."""
    if bool((await read_agents(database, domain_id)).indexnow_key) == on:
        return
    async with database.write() as session:
        await session.execute(delete(IndexNow).where(IndexNow.domain_id == domain_id))
        await session.execute(delete(IndexNowPage).where(IndexNowPage.domain_id == domain_id))
        if on:
            newest = await session.scalar(select(func.max(Snapshot.id))) or 0
            session.add(IndexNow(domain_id=domain_id, since=now(), seen=newest, failure=""))
            columns = ["domain_id", "digest", "content_hash"]
            await session.execute(insert(IndexNowPage).from_select(columns, _as_they_are(domain_id)))
    await change_agents(database, domain_id, indexnow_key=secrets.token_hex(16) if on else "")


def _as_they_are(domain_id: DomainId) -> Select[int, bytes, bytes]:
    """The pages of a domain as crawlers get them now: what is so already is no change."""
    of_domain = Snapshot.domain_id == domain_id
    newest = select(func.max(Snapshot.id)).where(of_domain).group_by(Snapshot.digest)
    return select(Snapshot.domain_id, Snapshot.digest, Snapshot.content_hash).where(Snapshot.id.in_(newest))


async def state(database: Database, domain_id: DomainId) -> State | None:
    """How it stands; None where it is off."""
    of_domain = IndexNowPage.domain_id == domain_id
    counts = select(func.count(IndexNowPage.changed_at), func.max(IndexNowPage.submitted_at)).where(of_domain)
    async with database.read() as session:
        row = await session.get(IndexNow, domain_id)
        waiting, last = (await session.execute(counts)).one()
    return None if row is None else State(row.since, waiting, last, row.failure, row.paused_until)


async def domains_on(database: Database) -> list[DomainId]:
    """Domains that have it on, by id."""
    async with database.read() as session:
        return list(await session.scalars(select(IndexNow.domain_id).order_by(IndexNow.domain_id)))


async def fresh(database: Database, domain_id: DomainId) -> tuple[list[Fresh], int]:
    """Pages with snapshots that were not looked at yet, each once, and the id up to which they then are."""
    async with database.read() as session:
        on = await session.get(IndexNow, domain_id)
        if on is None:
            return [], 0
        new = (
            select(Snapshot, Page.path, Page.first_seen_at, IndexNowPage)
            .join(Page, (Page.domain_id == Snapshot.domain_id) & (Page.digest == Snapshot.digest))
            .outerjoin(
                IndexNowPage,
                (IndexNowPage.domain_id == Snapshot.domain_id) & (IndexNowPage.digest == Snapshot.digest),
            )
            .where(Snapshot.domain_id == domain_id, Snapshot.id > on.seen - _OVERLAP)
            .where(Snapshot.taken_at >= on.since)
            .order_by(Snapshot.id)
            .limit(MOST_LOOKED_AT)
        )
        rows = (await session.execute(new)).all()
    pages = {row.digest: _fresh(row, path, seen, looked, on.since) for row, path, seen, looked in rows}
    return list(pages.values()), max((row.id for row, *_ in rows), default=on.seen)


def _fresh(
    row: Snapshot, path: str, first_seen: datetime | None, looked: IndexNowPage | None, since: datetime
) -> Fresh:
    before = Looked(looked.content_hash, looked.text_hash) if looked is not None else None
    known = first_seen is not None and first_seen < since
    return Fresh(row.digest, path, row.status, row.location, row.content_hash, before, known)


async def looked_at(
    database: Database,
    domain_id: DomainId,
    seen: int,
    pages: Mapping[bytes, Looked],
    changed: Collection[bytes],
) -> None:
    """Note pages by digest, and which of them are to be told, as far as it is still on."""
    moment = now()
    async with database.write() as session:
        row = await session.get(IndexNow, domain_id, with_for_update=True)
        if row is None:
            return
        row.seen = max(row.seen, seen)
        inserting = insert_into(session, IndexNowPage)
        for digest, looked in pages.items():
            told = msgspec.structs.asdict(looked) | ({"changed_at": moment} if digest in changed else {})
            new = inserting.values(domain_id=domain_id, digest=digest, **told)
            await session.execute(
                new.on_conflict_do_update(index_elements=["domain_id", "digest"], set_=told)
            )


async def to_tell(database: Database, domain_id: DomainId) -> Sequence[tuple[bytes, str, datetime]]:
    """Digest, path and time of change of pages that are to be told, up to a batch; none while it is paused."""
    query = (
        select(IndexNowPage.digest, Page.path, IndexNowPage.changed_at)
        .join(Page, (Page.domain_id == IndexNowPage.domain_id) & (Page.digest == IndexNowPage.digest))
        .join(IndexNow, IndexNow.domain_id == IndexNowPage.domain_id)
        .where(IndexNowPage.domain_id == domain_id, IndexNowPage.changed_at.is_not(None))
        .where(IndexNow.paused_until.is_(None) | (IndexNow.paused_until <= now()))
        .order_by(IndexNowPage.changed_at)
        .limit(BATCH)
    )
    async with database.read() as session:
        rows = await session.execute(query)
        return [(digest, path, changed) for digest, path, changed in rows if changed is not None]


async def told(database: Database, domain_id: DomainId, pages: Sequence[tuple[bytes, str, datetime]]) -> None:
    """Note that pages were told; one that changed again meanwhile is to be told again."""
    latest = max(changed for _, _, changed in pages)
    digests = [digest for digest, _, _ in pages]
    async with database.write() as session:
        for start in range(0, len(digests), _CHUNK):
            some = update(IndexNowPage).where(
                IndexNowPage.domain_id == domain_id, IndexNowPage.digest.in_(digests[start : start + _CHUNK])
            )
            await session.execute(some.values(submitted_at=now()))
            await session.execute(some.where(IndexNowPage.changed_at <= latest).values(changed_at=None))
        of_domain = update(IndexNow).where(IndexNow.domain_id == domain_id)
        await session.execute(of_domain.values(failure="", paused_until=None))


async def pause(database: Database, domain_id: DomainId, failure: str, seconds: float) -> None:
    """Note why nothing could be told, and tell nothing for a while."""
    async with database.write() as session:
        of_domain = update(IndexNow).where(IndexNow.domain_id == domain_id)
        until = now() + timedelta(seconds=seconds)
        await session.execute(of_domain.values(failure=failure[:200], paused_until=until))


async def submitted(
    database: Database, domain_id: DomainId, most: int, path: str | None = None
) -> dict[str, datetime]:
    """When pages were told, by path: the ``most`` latest ones, or one page."""
    query = (
        select(Page.path, IndexNowPage.submitted_at)
        .join(Page, (Page.domain_id == IndexNowPage.domain_id) & (Page.digest == IndexNowPage.digest))
        .where(IndexNowPage.domain_id == domain_id, IndexNowPage.submitted_at.is_not(None))
        .order_by(IndexNowPage.submitted_at.desc())
        .limit(most)
    )
    if path is not None:
        query = query.where(Page.path == path)
    async with database.read() as session:
        return {path: moment for path, moment in await session.execute(query) if moment is not None}
