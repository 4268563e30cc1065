"""The format of a domain's log, as somebody said it once: the next import needs not be told again."""

from sqlalchemy import select, update

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.ids import DomainId


async def saved_log_format(database: Database, domain_id: DomainId) -> str:
    """The format as it stands in the server's configuration; empty where none was said."""
    async with database.read() as session:
        return await session.scalar(select(Domain.log_format).where(Domain.id == domain_id)) or ""


async def save_log_format(database: Database, domain_id: DomainId, text: str) -> None:
    """Keep a format for the next import; an empty one forgets what was kept."""
    async with database.write() as session:
        await session.execute(update(Domain).where(Domain.id == domain_id).values(log_format=text or None))
