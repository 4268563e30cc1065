"""Files that are hosted for a domain, as edges and rendering read them: `hosting` is where they are saved."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database
from crawlight.database.tables import HostedContent
from crawlight.ids import DomainId

ROBOTS: Final = "robots.txt"
SITEMAP: Final = "sitemap.xml"
LLMS: Final = "llms.txt"
NAMES: Final = (ROBOTS, SITEMAP, LLMS)
"""The files that can be hosted."""


class Content(msgspec.Struct, frozen=True):
    """What is sent for a path, compressed (gzip); ``hash`` is of what was compressed."""

    hash: bytes
    gzip: bytes


async def content_of(database: Database, domain_id: DomainId, path: str) -> Content | None:
    """What is sent for a path without its query; None where that is no hosted file."""
    async with database.read() as session:
        row = await session.get(HostedContent, (domain_id, path))
    return Content(row.hash, row.content) if row else None


async def is_hosted(database: Database, domain_id: DomainId, path: str) -> bool:
    """Say whether a path, with or without a query, is answered with a hosted file."""
    path = path.partition("?")[0]
    query = select(HostedContent.path).where(HostedContent.domain_id == domain_id, HostedContent.path == path)
    async with database.read() as session:
        return await session.scalar(query) is not None


async def hashes(
    session: AsyncSession, domain_ids: Iterable[DomainId] | None = None
) -> Mapping[DomainId, Mapping[str, bytes]]:
    """The hash of what is sent, by path, of all domains that have files hosted, or of the given ones."""
    query = select(HostedContent.domain_id, HostedContent.path, HostedContent.hash)
    if domain_ids is not None:
        query = query.where(HostedContent.domain_id.in_(list(domain_ids)))
    found: dict[DomainId, dict[str, bytes]] = {}
    for domain_id, path, digest in await session.execute(query.order_by(HostedContent.path)):
        found.setdefault(domain_id, {})[path] = digest
    return found
