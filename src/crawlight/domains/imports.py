"""The ledger of imported log files: a file counts once, a grown file counts its new lines."""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.tables import ImportedFile

__all__ = ["HEAD_BYTES", "ImportedFile", "noted_runs", "of_domains", "put"]

HEAD_BYTES: Final = 4096
"""A fingerprint is of the first bytes of a file, at most so many."""


async def of_domains(
    session: AsyncSession, domain_ids: Collection[int], whole_starts: Collection[str] | None = None
) -> list[ImportedFile]:
    """Every file that was imported into one of the domains.

    With ``whole_starts``, of the files whose fingerprint takes as much as it can only those that have one of these:
    they are the most, and each has its own.
    """
    query = select(ImportedFile).where(ImportedFile.domain_id.in_(domain_ids))
    if whole_starts is not None:
        short = ImportedFile.fingerprint.not_like(f"{HEAD_BYTES}:%")
        query = query.where(short | ImportedFile.fingerprint.in_(whole_starts))
    return list(await session.scalars(query))


async def put(
    session: AsyncSession, entries: Iterable[ImportedFile], replaced: Iterable[ImportedFile]
) -> None:
    """Write how far a file was read, in place of what was known of it: a short file's fingerprint grows with it."""
    for entry in replaced:
        await session.execute(
            delete(ImportedFile).where(
                ImportedFile.domain_id == entry.domain_id,
                ImportedFile.fingerprint == entry.fingerprint,
                ImportedFile.since == entry.since,
                ImportedFile.until == entry.until,
            )
        )
    session.add_all(entries)


async def noted_runs(session: AsyncSession, runs: Collection[str]) -> set[str]:
    """Those of the given imports that the ledger knows as done."""
    return set(await session.scalars(select(ImportedFile.run).where(ImportedFile.run.in_(runs))))
