"""The inventory of pages: which are known, how they score, which are to be rendered next.

Paths are canonical, with query (`kit.urls.canonical_path`).
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, islice
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Page, SeoCounts
from crawlight.ids import DomainId
from crawlight.kit.clock import now

_CHUNK: Final = 5_000
"""Pages per transaction: short enough that others get their turn to write."""

_PAIRS: Final = 10_000
"""Pages per query of scores: SQLite takes at most 32,766 parameters."""

_KNOWN: Final = """
SELECT digest FROM pages WHERE domain_id = {domain_id} AND first_seen_at IS NOT NULL AND digest {among}
"""

# A page that was only wanted so far has a row already.
_LEARN: Final = """
INSERT INTO pages (domain_id, digest, path, first_seen_at, seo_issues_count)
SELECT {domain_id}, digest, path, {moment}, 0 FROM {rows}
ON CONFLICT (domain_id, digest) DO UPDATE SET first_seen_at = excluded.first_seen_at
WHERE pages.first_seen_at IS NULL
"""

_SCORES: Final = """
WITH wanted (domain_id, digest) AS {pairs}
SELECT domain_id, path, seo_score, seo_issues_count FROM wanted JOIN pages USING (domain_id, digest)
"""


async def learn(database: Database, domain_id: DomainId, paths: Iterable[str]) -> int:
    """Note pages that were crawled, or found in a sitemap; returns how many were new.

    Doing it again changes nothing. Committed in chunks, so of a run that dies a part is known.
    """
    digests = ((path_digest(path), path) for path in paths)
    new = 0
    while chunk := dict(islice(digests, _CHUNK)):
        async with database.read() as session:
            await _drop_known(session, domain_id, chunk)
        if chunk:
            async with database.write() as session:
                new += await _learn_chunk(session, domain_id, chunk)
    return new


async def record_audit(database: Database, domain_id: DomainId, path: str, score: int, issues: int) -> None:
    """Set the score (0 to 100) and number of issues of a page that was rendered: it is known and not gone."""
    async with database.write() as session:
        await set_audit(session, domain_id, path, score, issues)


async def set_audit(
    session: AsyncSession, domain_id: DomainId, path: str, score: int | None, issues: int
) -> None:
    """As ``record_audit``, within what else is written of the page; no score where there is nothing to audit."""
    page = await _counted_out(session, domain_id, path)
    page.first_seen_at = page.first_seen_at or now()
    page.seo_score, page.seo_issues_count, page.gone_at = score, issues, None
    await _count(session, page, 1)


async def set_issues(session: AsyncSession, page: Page, issues: int) -> None:
    """Set the number of issues of a page whose row was read under the lock of its domain's counts."""
    if page.first_seen_at is not None and page.gone_at is None:
        await _add_counts(session, page.domain_id, {"total_issues": issues - page.seo_issues_count})
    page.seo_issues_count = issues


async def mark_gone(database: Database, domain_id: DomainId, path: str) -> None:
    """Take a page out of the known ones, because the site answers that there is none."""
    async with database.write() as session:
        await set_gone(session, domain_id, path)


async def set_gone(session: AsyncSession, domain_id: DomainId, path: str) -> None:
    """As ``mark_gone``, within what else is written of the page."""
    page = await _counted_out(session, domain_id, path)
    page.gone_at = page.gone_at or now()


async def scores_for(
    database: Database, paths: Mapping[DomainId, Sequence[str]]
) -> dict[tuple[DomainId, str], tuple[int | None, int]]:
    """Score (null where never audited) and number of issues by (domain id, path), in one query.

    ``paths`` are the wanted ones by domain id; pages that nobody knows are absent from the answer.
    """
    wanted = [(domain_id, path_digest(path)) for domain_id, some in paths.items() for path in some]
    found: dict[tuple[DomainId, str], tuple[int | None, int]] = {}
    async with database.read() as session:
        connection = await session.connection()
        for start in range(0, len(wanted), _PAIRS):
            query = _scores_query(connection.dialect.name, wanted[start : start + _PAIRS])
            for row in await connection.exec_driver_sql(*query):
                found[row.domain_id, row.path] = (row.seo_score, row.seo_issues_count)
    return found


async def gone_of(database: Database, domain_id: DomainId, paths: Sequence[str]) -> dict[str, int | None]:
    """Those of some paths whose pages are gone, and the status of their last render, if there was one."""
    digests = [path_digest(path) for path in paths]
    query = select(Page.path, Page.status).where(Page.domain_id == domain_id, Page.gone_at.is_not(None))
    async with database.read() as session:
        rows = await session.execute(query.where(Page.digest.in_(digests)))
        return {row.path: row.status for row in rows}


async def seo_counts(database: Database, domain_ids: Sequence[DomainId]) -> dict[DomainId, SeoCounts]:
    """Known pages by bucket of their score, by domain id, in one query; domains without pages are absent."""
    async with database.read() as session:
        rows = await session.scalars(select(SeoCounts).where(SeoCounts.domain_id.in_(domain_ids)))
        return {row.domain_id: row for row in rows}


def path_digest(path: str) -> bytes:
    """The 16 bytes under which a path is found in the table of pages."""
    return blake2b(path.encode(), digest_size=16).digest()


async def _drop_known(session: AsyncSession, domain_id: DomainId, chunk: dict[bytes, str]) -> None:
    """Take out of ``chunk``, paths by digest, what needs no learning."""
    connection = await session.connection()
    query = _known_query(connection.dialect.name, domain_id, tuple(chunk))
    for row in await connection.exec_driver_sql(*query):
        del chunk[row.digest]


async def _learn_chunk(session: AsyncSession, domain_id: DomainId, chunk: dict[bytes, str]) -> int:
    """Note the pages of a chunk, of which another may have learned some meanwhile; answers how many were new."""
    await _lock_counts(session, domain_id)
    connection = await session.connection()
    statement = _learn_statement(connection.dialect.name, domain_id, chunk)
    new = (await connection.exec_driver_sql(*statement)).rowcount
    await _add_counts(session, domain_id, {"unknown": new})
    return new


def _known_query(
    dialect: str, domain_id: DomainId, digests: tuple[bytes, ...]
) -> tuple[str, tuple[object, ...]]:
    """SQL and parameters that find known pages. By hand, for the reason of `_scores_query`."""
    if dialect == "sqlite":
        among = f"IN ({', '.join('?' * len(digests))})"
        return _KNOWN.format(domain_id="?", among=among), (domain_id, *digests)
    return _KNOWN.format(domain_id="$1", among="= ANY($2::bytea[])"), (domain_id, digests)


def _learn_statement(
    dialect: str, domain_id: DomainId, chunk: dict[bytes, str]
) -> tuple[str, tuple[object, ...]]:
    """SQL and parameters that note pages, and change those rows only that were not known."""
    if dialect == "sqlite":
        pairs = f"(VALUES {', '.join(['(?, ?)'] * len(chunk))})"
        rows = f"(SELECT column1 AS digest, column2 AS path FROM {pairs}) WHERE true"  # noqa: S608 - our own words
        moment = now().strftime("%Y-%m-%d %H:%M:%S.%f")  # As `database.base.Moment` is kept there.
        values = (domain_id, moment, *chain.from_iterable(chunk.items()))
        return _LEARN.format(domain_id="?", moment="?", rows=rows), values
    rows = "unnest($3::bytea[], $4::text[]) AS new (digest, path)"
    values = (domain_id, now(), tuple(chunk), tuple(chunk.values()))
    return _LEARN.format(domain_id="$1::int", moment="$2::timestamptz", rows=rows), values


async def _counted_out(session: AsyncSession, domain_id: DomainId, path: str) -> Page:
    """The row of a page, made where it is missing, and taken out of the counts until it is changed."""
    await _lock_counts(session, domain_id)
    key = {"domain_id": domain_id, "digest": path_digest(path)}
    await session.execute(insert_into(session, Page).values(**key, path=path).on_conflict_do_nothing())
    page = await session.get_one(Page, key)
    if page.first_seen_at is not None and page.gone_at is None:
        await _count(session, page, -1)
    return page


async def _count(session: AsyncSession, page: Page, times: int) -> None:
    """Count a known page ``times`` times: 1 or -1."""
    changes = {_bucket(page.seo_score): times, "total_issues": times * page.seo_issues_count}
    await _add_counts(session, page.domain_id, changes)


def _bucket(score: int | None) -> str:
    """The column of SeoCounts that counts a page of that score."""
    if score is None:
        return "unknown"
    return "good" if score >= 90 else "needs_work" if score >= 50 else "poor"


async def _lock_counts(session: AsyncSession, domain_id: DomainId) -> None:
    """Have changes of one domain's known pages take turns, so that the counts are right."""
    insert = insert_into(session, SeoCounts).values(domain_id=domain_id)
    await session.execute(insert.on_conflict_do_nothing())
    lock = select(SeoCounts.domain_id).where(SeoCounts.domain_id == domain_id).with_for_update()
    await session.execute(lock)


async def _add_counts(session: AsyncSession, domain_id: DomainId, changes: Mapping[str, int]) -> None:
    added = {name: getattr(SeoCounts, name) + change for name, change in changes.items()}
    await session.execute(update(SeoCounts).where(SeoCounts.domain_id == domain_id).values(added))


def _scores_query(dialect: str, wanted: Sequence[tuple[int, bytes]]) -> tuple[str, tuple[object, ...]]:
    """SQL and parameters that find pages by (domain id, digest).

    By hand, because a thousand pairs in SQLAlchemy's ``IN`` take ten times as long, and SQLite does not
    use the index for them.
    """
    if dialect == "sqlite":
        pairs = f"(VALUES {', '.join(['(?, ?)'] * len(wanted))})"
        return _SCORES.format(pairs=pairs), tuple(chain.from_iterable(wanted))
    ids, digests = zip(*wanted, strict=True)
    return _SCORES.format(pairs="(SELECT * FROM unnest($1::int[], $2::bytea[]))"), (ids, digests)
