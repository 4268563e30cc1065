"""Language versions of pages, as the domain's sitemaps name them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import delete

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import SitemapAlternates
from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.kit.clock import now

_CHUNK: Final = 500
_KEY: Final = ("domain_id", "digest")

Alternates = Sequence[tuple[str, str]]
"""Code and address of each language version."""


async def keep(database: Database, domain_id: DomainId, found: Mapping[str, Alternates]) -> None:
    """Keep those of known pages, by canonical path, in the place of the ones before."""
    rest, moment = iter(found.items()), now()
    while chunk := list(islice(rest, _CHUNK)):
        rows = {
            path_digest(path): {"domain_id": domain_id, "read_at": moment, "found": list(map(list, links))}
            for path, links in chunk
        }
        async with database.write() as session:
            insert = insert_into(session, SitemapAlternates)
            values = {"read_at": insert.excluded.read_at, "found": insert.excluded.found}
            await session.execute(
                insert.on_conflict_do_update(index_elements=_KEY, set_=values),
                [{"digest": digest, **row} for digest, row in rows.items()],
            )


async def drop_before(database: Database, domain_id: DomainId, moment: datetime) -> None:
    """Drop those that no sitemap has named since."""
    old = (SitemapAlternates.domain_id == domain_id, SitemapAlternates.read_at < moment)
    async with database.write() as session:
        await session.execute(delete(SitemapAlternates).where(*old))


async def of_page(database: Database, domain_id: DomainId, path: str) -> tuple[tuple[str, str], ...]:
    """The language versions of a page; empty where the sitemaps name none."""
    async with database.read() as session:
        row = await session.get(SitemapAlternates, (domain_id, path_digest(path)))
    return tuple((code, href) for code, href in row.found) if row is not None else ()
