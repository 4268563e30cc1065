"""Warming: the pages of a domain's sitemaps become known, and those without a snapshot are wanted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy import select, update

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Domain, Page
from crawlight.database.tables import Sitemap as Row
from crawlight.domains import alternates, audits, pages, wanted
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.rendering.origins import look_at_robots
from crawlight.rendering.sitemaps import Reading

EVERY: Final = timedelta(days=1)
_AGAIN: Final = timedelta(hours=1)
"""After a reading that found nothing."""

CLAIM: Final = timedelta(minutes=10)
"""How long sitemaps are in the hands of who reads them, from each file on. Should it die, another reads them."""

_CHUNK: Final = 500


class Warmed(msgspec.Struct, frozen=True):
    """What a reading gave: pages named by the sitemaps, how many were new, how many are to be rendered."""

    host: str
    files: int
    pages: int
    new: int
    wanted: int
    problems: list[str]


async def warm(
    database: Database, site: Site, progress: Callable[[int], None] = lambda _pages: None
) -> Warmed:
    """Read a site's sitemaps now. ``progress`` is told the number of pages found so far."""
    reading = Reading(site, (await look_at_robots(database, site)).text or "")
    new, owed, began = 0, 0, now()
    async for paths in reading.paths():
        new += await pages.learn(database, site.id, paths)
        await alternates.keep(database, site.id, reading.alternates)
        owed += await _want_unrendered(database, site.id, paths)
        await _keep_claim(database, site.id)
        progress(reading.pages)
    if reading.pages:
        await alternates.drop_before(database, site.id, began)
    await _note(database, site.id, reading)
    return Warmed(site.host, reading.files, reading.pages, new, owed, reading.problems)


async def warm_due(database: Database) -> bool:
    """Read the sitemaps that are due first; answers whether any were. Nobody else reads them meanwhile."""
    domain_id = await _due(database)
    if domain_id is None:
        return False
    if await claim(database, domain_id):
        site = (await load_sites(database, [domain_id])).get(domain_id)
        if site is not None:
            await warm(database, site)
    return True


async def _due(database: Database) -> DomainId | None:
    due = (
        select(Domain.id)
        .outerjoin(Row, Row.domain_id == Domain.id)
        .where(Domain.verified_at.is_not(None))
        .where(Row.domain_id.is_(None) | (Row.next_read_at <= now()))
        .order_by(Row.next_read_at)
    )
    async with database.read() as session:
        return await session.scalar(due.limit(1))


async def claim(database: Database, domain_id: DomainId) -> bool:
    """Take a domain's sitemaps in hand, where they are due and nobody else has."""
    moment = now()
    claimed = {"domain_id": domain_id, "next_read_at": moment + CLAIM, "pages": 0, "problems": []}
    async with database.write() as session:
        insert = insert_into(session, Row).values(claimed)
        again = insert.on_conflict_do_update(
            index_elements=["domain_id"],
            set_={"next_read_at": insert.excluded.next_read_at},
            where=Row.next_read_at <= moment,
        )
        return await session.scalar(again.returning(Row.domain_id)) is not None


async def _keep_claim(database: Database, domain_id: DomainId) -> None:
    mine = update(Row).where(Row.domain_id == domain_id)
    async with database.write() as session:
        await session.execute(mine.values(next_read_at=now() + CLAIM))


async def want_outdated(database: Database) -> int:
    """Have some pages rendered anew whose audits were made by older rules: it needs what the site ships now.

    Answers how many. They come after all others that are owed.
    """
    found = await audits.outdated(database)
    for domain_id in {domain_id for domain_id, _ in found}:
        await wanted.want(database, domain_id, [path for owner, path in found if owner == domain_id], "warm")
    return len(found)


async def _want_unrendered(database: Database, domain_id: DomainId, paths: list[str]) -> int:
    owed = 0
    for start in range(0, len(paths), _CHUNK):
        some = {pages.path_digest(path): path for path in paths[start : start + _CHUNK]}
        async with database.read() as session:
            fresh = (Page.rendered_at.is_not(None)) | (Page.wanted_at.is_not(None))
            known = select(Page.digest).where(Page.domain_id == domain_id, Page.digest.in_(some), fresh)
            for digest in await session.scalars(known):
                del some[digest]
        if some:
            await wanted.want(database, domain_id, some.values(), "warm")
            owed += len(some)
    return owed


async def _note(database: Database, domain_id: DomainId, reading: Reading) -> None:
    moment = now()
    noted = {
        "read_at": moment,
        "next_read_at": moment + (EVERY if reading.pages else _AGAIN),
        "pages": reading.pages,
        "problems": reading.problems,
    }
    async with database.write() as session:
        insert = insert_into(session, Row).values(domain_id=domain_id, **noted)
        await session.execute(insert.on_conflict_do_update(index_elements=["domain_id"], set_=noted))
