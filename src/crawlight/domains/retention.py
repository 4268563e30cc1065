"""How long single crawls of a domain are kept."""

from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.ids import DomainId


async def kept_days(database: Database, domain_id: DomainId, default: int) -> int:
    """Days for which single crawls are kept: the domain's own number, else the server's."""
    async with database.read() as session:
        own = await session.scalar(select(Domain.retention_days).where(Domain.id == domain_id))
    return own or default
