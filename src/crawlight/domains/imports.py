"""The ledger of imported log files: a file counts once, a grown file counts its new lines."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.tables import ImportedFile

__all__ = ["ImportedFile", "noted_runs", "of_domain", "put"]


async def of_domain(session: AsyncSession, domain_id: int) -> list[ImportedFile]:
    """Every file that was imported into a domain."""
    return list(await session.scalars(select(ImportedFile).where(ImportedFile.domain_id == domain_id)))


async def put(session: AsyncSession, entry: ImportedFile, replaces: ImportedFile | None) -> None:
    """Write how far a file was read, in place of what was known of it: a short file's fingerprint grows with it."""
    if replaces is not None:
        await session.execute(
            delete(ImportedFile).where(
                ImportedFile.domain_id == replaces.domain_id, ImportedFile.fingerprint == replaces.fingerprint
            )
        )
    session.add(entry)


async def noted_runs(session: AsyncSession, runs: Collection[str]) -> set[str]:
    """Those of the given imports that the ledger knows as done."""
    return set(await session.scalars(select(ImportedFile.run).where(ImportedFile.run.in_(runs))))
