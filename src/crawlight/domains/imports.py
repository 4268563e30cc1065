"""The ledger of imported log files: a file counts once, a grown file counts its new lines."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.tables import Domain, Import, ImportedFile
from crawlight.ids import DomainId

__all__ = [
    "HEAD_BYTES",
    "Import",
    "ImportedFile",
    "all_imports",
    "forget_import",
    "hosts",
    "latest_runs",
    "mark_undoing",
    "members_of",
    "noted_runs",
    "of_domains",
    "put",
    "undoing",
]

HEAD_BYTES: Final = 4096
"""A fingerprint is of the first bytes of a file, at most so many."""


async def of_domains(
    session: AsyncSession, domain_ids: Collection[DomainId], whole_starts: Collection[str] | None = None
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


async def all_imports(session: AsyncSession) -> list[Import]:
    """Every import that can be taken back, the oldest first."""
    return list(await session.scalars(select(Import).where(~Import.undoing).order_by(Import.id)))


async def undoing(session: AsyncSession) -> list[Import]:
    """The imports that are being taken back, the newest first: an older one's entries come back last."""
    return list(await session.scalars(select(Import).where(Import.undoing).order_by(Import.id.desc())))


async def mark_undoing(session: AsyncSession, numbers: Collection[int]) -> None:
    """Decide that imports are taken back."""
    await session.execute(update(Import).where(Import.id.in_(numbers)).values(undoing=True))


async def hosts(session: AsyncSession) -> dict[DomainId, str]:
    """The host of every domain by its id."""
    return {row.id: row.host for row in await session.execute(select(Domain.id, Domain.host))}


async def forget_import(session: AsyncSession, one: Import, domain_ids: Collection[DomainId]) -> None:
    """Put the ledger of those domains back to what it said before an import, and forget the import."""
    await session.execute(delete(ImportedFile).where(ImportedFile.run == one.run))
    before = {int(domain_id): members for domain_id, members in one.before.items()}
    session.add_all(_file(members) for domain_id, members in before.items() if domain_id in domain_ids)
    await session.execute(delete(Import).where(Import.id == one.id))


def members_of(file: ImportedFile) -> dict[str, Any]:
    """An entry as an import keeps it, to put it back (`Import.before`)."""
    members = {column.key: getattr(file, column.key) for column in inspect(ImportedFile).column_attrs}
    return {**members, "updated_at": file.updated_at.astimezone(UTC).isoformat()}


def _file(members: Mapping[str, Any]) -> ImportedFile:
    return ImportedFile(**{**members, "updated_at": datetime.fromisoformat(members["updated_at"])})


async def latest_runs(session: AsyncSession, runs: Collection[str]) -> set[tuple[DomainId, str]]:
    """Domain and run of each entry that one of some runs wrote last."""
    query = select(ImportedFile.domain_id, ImportedFile.run).where(ImportedFile.run.in_(runs))
    return {(row.domain_id, row.run) for row in await session.execute(query)}
