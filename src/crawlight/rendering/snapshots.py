"""Snapshots: what was rendered of each page, the newest of them in memory as far as there is room.

The database has a row for each, the snapshot store its bodies. Rows are numbered as they come, so that processes
learn from each other by asking for what is new (`Snapshots.follow`).
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Select, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.base import Moment
from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page
from crawlight.database.tables import Snapshot as Row
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.single_flight import SingleFlight
from crawlight.rendering.bodies import Bodies, Body, pack
from crawlight.rendering.markdown import Markdowns
from crawlight.rendering.memory import Key, Memory, Snapshot, Stored
from crawlight.rendering.privacy import PRIVATE, WITHHELD
from crawlight.rendering.sweeping import sweep

HISTORY: Final = 5
"""Snapshots of a page that are kept, the newest included; they differ in what crawlers get.

Older ones are retired: they are kept as long as they are what some crawler got last (`ingest.retired`).
"""

MEMORY_BYTES: Final = 128 * 1024 * 1024
_OVERLAP: Final = 64
"""PostgreSQL may commit numbers out of order: so many of the last ones are looked at again."""


class NewSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be stored of a render: see `Snapshot` for the members."""

    status: int
    html: bytes
    raw_html: bytes
    location: str | None = None
    headers: Mapping[str, str] = {}
    milliseconds: int = 0
    complete: int = 0
    reason: str = ""


class Snapshots:
    """Snapshots of all domains, for one process and one event loop."""

    def __init__(
        self, database: Database, bodies: Bodies, *, memory_bytes: int = MEMORY_BYTES, history: int = HISTORY
    ) -> None:
        self._database = database
        self._bodies = bodies
        self._memory = Memory(memory_bytes)
        self._history = history
        self.markdown = Markdowns(bodies, self._memory)
        self._loading: SingleFlight[Key, Stored | None] = SingleFlight()
        self._followed = 0

    @property
    def memory_bytes(self) -> int:
        """Bytes that are held in memory now."""
        return self._memory.used

    @property
    def held(self) -> int:
        """Snapshots that are held in memory now."""
        return len(self._memory)

    def peek(self, domain_id: DomainId, path: str) -> Stored | None:
        """The newest snapshot of a page where it is in memory: no waiting, no look-up elsewhere."""
        return self._memory.get((domain_id, path))

    def plain(self, stored: Stored) -> bytes:
        """The body of a snapshot uncompressed."""
        return self._memory.plain(stored)

    async def get(self, domain_id: DomainId, path: str) -> Stored | None:
        """The newest snapshot of a page; None where there is none, or its body is gone. Raises SnapshotStoreError."""
        key = (domain_id, path)
        return self._memory.get(key) or await self._loading.run(key, lambda: self._load(key))

    async def close(self) -> None:
        """End what is being loaded and made: nobody waits for it any more."""
        await self._loading.close()
        await self.markdown.close()

    async def withhold(self, domain_id: DomainId, path: str, new: NewSnapshot) -> Stored:
        """Note that a page is private, in the place of all that was kept of it; answers what is not stored.

        Raises SnapshotStoreError, and then nothing is changed.
        """
        headers = {**new.headers, "cache-control": PRIVATE}
        content = await asyncio.to_thread(ephemeral, domain_id, path, replace(new, headers=headers))
        nothing = replace(new, html=b"", raw_html=b"", location=None, headers={}, reason=WITHHELD)
        await self._store(domain_id, path, nothing, alone=True)
        return content

    async def put(self, domain_id: DomainId, path: str, new: NewSnapshot) -> Stored:
        """Store a render as the newest snapshot of its page. Raises SnapshotStoreError, and then nothing is changed.

        One that equals the last one takes its place, so that the history shows changes.
        """
        return await self._store(domain_id, path, new, alone=False)

    async def _store(self, domain_id: DomainId, path: str, new: NewSnapshot, *, alone: bool) -> Stored:
        content, body = await self._bodies.put(new.html)
        raw = await self._bodies.put_once(new.raw_html)
        row = Row(
            domain_id=domain_id,
            digest=path_digest(path),
            taken_at=now(),
            status=new.status,
            location=new.location,
            headers=dict(new.headers),
            content_hash=content,
            raw_hash=raw,
            size=len(new.html),
            milliseconds=new.milliseconds,
            complete=new.complete,
            reason=new.reason[:64],
        )
        async with self._database.write() as session:
            await self._insert(session, row, path, alone)
        return self._remember(_snapshot(row, path), body)

    async def confirm(
        self, session: AsyncSession, found: Collection[tuple[int, str, bytes]], moment: datetime
    ) -> list[Snapshot]:
        """Note that pages (domain id, path, hash of the content) were found unchanged; answers those that are still so.

        A row with a new number takes the place of the last one, so that other processes learn of it. Call `confirmed`
        once the session has ended well.
        """
        names = {(domain_id, path_digest(path)): (path, content) for domain_id, path, content in found}
        # Locks the pages on PostgreSQL, as `put` does.
        of_pages = tuple_(Page.domain_id, Page.digest).in_(list(names))
        await session.execute(select(Page.digest).where(of_pages).with_for_update())
        keys = tuple_(Row.domain_id, Row.digest).in_(list(names))
        newest = select(func.max(Row.id)).where(keys).group_by(Row.domain_id, Row.digest)
        rows = await session.scalars(select(Row).where(Row.id.in_(newest)))
        same = [row for row in rows if row.content_hash == names[row.domain_id, row.digest][1]]
        ids = [row.id for row in same]
        copied = [column for column in Row.__table__.columns if column.name not in ("id", "checked_at")]
        copies = select(*copied, literal(moment, Moment)).where(Row.id.in_(ids))
        into = insert(Row).from_select([*(column.name for column in copied), "checked_at"], copies)
        numbers = await session.execute(into.returning(Row.id, Row.domain_id, Row.digest))
        new = {(domain_id, digest): number for number, domain_id, digest in numbers}
        await session.execute(delete(Row).where(Row.id.in_(ids)))
        at = {"checked_at": moment.timestamp()}
        return [
            replace(_snapshot(row, names[key][0]), id=new[key], **at)
            for row in same
            if (key := (row.domain_id, row.digest)) in new
        ]

    def confirmed(self, snapshots: Iterable[Snapshot]) -> None:
        """Hold the same bodies under what was noted of them."""
        for snapshot in snapshots:
            held = self._memory.find(snapshot.domain_id, path_digest(snapshot.path))
            if held is not None and held.snapshot.content_hash == snapshot.content_hash:
                self._memory.put(Stored(snapshot, held.body))

    async def history(self, domain_id: DomainId, path: str) -> list[Snapshot]:
        """The snapshots of a page that are kept, newest first."""
        async with self._database.read() as session:
            kept = _of_page(domain_id, path).where(Row.retired_at.is_(None))
            return [_snapshot(row, path) for row in await session.scalars(kept)]

    async def content(self, snapshot: Snapshot) -> bytes | None:
        """The HTML that crawlers get, UTF-8; None where it is gone. Raises SnapshotStoreError."""
        return await self._bodies.content(snapshot.content_hash)

    async def raw(self, snapshot: Snapshot) -> bytes | None:
        """What the origin sent before any script ran; None where it is gone. Raises SnapshotStoreError."""
        return await self._bodies.content(snapshot.raw_hash)

    async def body(self, digest: bytes) -> bytes | None:
        """A document by its ``content_hash`` or ``raw_hash``; None where it is gone. Raises SnapshotStoreError."""
        return await self._bodies.content(digest)

    async def follow(self) -> None:
        """Take over what other processes have stored since the last call, for pages that are in memory."""
        async with self._database.read() as session:
            if not self._followed:
                self._followed = await session.scalar(select(func.max(Row.id))) or 1
                return
            newer = select(Row.id, Row.domain_id, Row.digest).where(Row.id > self._followed - _OVERLAP)
            rows = (await session.execute(newer.order_by(Row.id))).all()
        for number, domain_id, digest in rows:
            self._followed = max(self._followed, number)
            held = self._memory.find(domain_id, digest)
            if held is not None and held.snapshot.id < number:
                self._memory.drop((domain_id, held.snapshot.path))
                await self.get(domain_id, held.snapshot.path)

    async def sweep(self) -> int:
        """Remove bodies that no snapshot names any more; answers how many. Raises SnapshotStoreError."""
        return await sweep(self._database, self._bodies)

    async def _insert(self, session: AsyncSession, row: Row, path: str, alone: bool) -> None:
        key = {"domain_id": row.domain_id, "digest": row.digest}
        page = insert_into(session, Page).values(**key, path=path)
        # Locks the page on PostgreSQL: snapshots of one page are stored one after the other.
        await session.execute(page.on_conflict_do_nothing())
        rendered = {"rendered_at": row.taken_at, "status": row.status}
        await session.execute(update(Page).filter_by(**key).values(rendered))
        await self._make_room(session, row, path, alone)
        session.add(row)
        await session.flush()

    async def _make_room(self, session: AsyncSession, row: Row, path: str, alone: bool) -> None:
        """Drop what the row takes the place of, and retire what is no longer among the last ones."""
        found = list(await session.scalars(_of_page(row.domain_id, path)))
        kept = [one for one in found if one.retired_at is None]
        replaced = kept[:1] if kept and _same(kept[0], row) else []
        # The same content is kept once more by the row.
        again = [one for one in found if one.retired_at and one.content_hash == row.content_hash]
        dropped = found if alone else [*replaced, *again]
        await session.execute(delete(Row).where(Row.id.in_([one.id for one in dropped])))
        for one in [one for one in kept if one not in dropped][self._history - 1 :]:
            one.retired_at = row.taken_at

    async def _load(self, key: Key) -> Stored | None:
        async with self._database.read() as session:
            row = await session.scalar(_of_page(*key).limit(1))
        if row is None:
            return None
        body = await self._bodies.get(row.content_hash)
        return None if body is None else self._remember(_snapshot(row, key[1]), body)

    def _remember(self, snapshot: Snapshot, body: Body) -> Stored:
        stored = Stored(snapshot, body)
        self._memory.put(stored)
        return stored


def ephemeral(domain_id: DomainId, path: str, new: NewSnapshot) -> Stored:
    """A snapshot that could not be stored, for whoever waits for it."""
    snapshot = Snapshot(
        id=0,
        domain_id=domain_id,
        path=path,
        taken_at=time.time(),
        status=new.status,
        location=new.location,
        headers=new.headers,
        content_hash=b"",
        raw_hash=b"",
        size=len(new.html),
        milliseconds=new.milliseconds,
        complete=new.complete,
        reason=new.reason,
    )
    return Stored(snapshot, pack(new.html))


def _of_page(domain_id: DomainId, path: str) -> Select[Row]:
    """The snapshots of a page, newest first."""
    of_page = select(Row).where(Row.domain_id == domain_id, Row.digest == path_digest(path))
    return of_page.order_by(Row.id.desc())


def _same(one: Row, other: Row) -> bool:
    """Say whether crawlers get the same of both."""
    return (one.content_hash, one.status, one.location) == (other.content_hash, other.status, other.location)


def _snapshot(row: Row, path: str) -> Snapshot:
    return Snapshot(
        id=row.id,
        domain_id=row.domain_id,
        path=path,
        taken_at=row.taken_at.timestamp(),
        status=row.status,
        location=row.location,
        headers=row.headers,
        content_hash=row.content_hash,
        raw_hash=row.raw_hash,
        size=row.size,
        milliseconds=row.milliseconds,
        complete=row.complete,
        reason=row.reason,
        checked_at=row.checked_at.timestamp() if row.checked_at else 0.0,
    )
