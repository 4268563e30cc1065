"""Domains that were removed: a note of each stays until nothing of it can be left in the events store."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from crawlight.database.engine import Database
from crawlight.database.tables import ForgottenDomain
from crawlight.ids import DomainId
from crawlight.kit.clock import now

NOTED_FOR: Final = timedelta(days=7)
"""Crawls of a removed domain may be on their way in segments and imports; until then they are looked for."""


async def forgotten(database: Database) -> list[ForgottenDomain]:
    """The domains that were removed of late."""
    async with database.read() as session:
        return list(await session.scalars(select(ForgottenDomain).order_by(ForgottenDomain.domain_id)))


async def drop_notes(database: Database, domains: Collection[DomainId]) -> None:
    """Drop the notes of domains, once nothing of theirs can come any more."""
    old = ForgottenDomain.forgotten_at < now() - NOTED_FOR
    async with database.write() as session:
        await session.execute(delete(ForgottenDomain).where(ForgottenDomain.domain_id.in_(domains), old))
