"""What the ledger knows of a log: how far it was read, for which domains and times."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import inspect

from crawlight.database.engine import Database
from crawlight.domains import imports
from crawlight.domains.imports import HEAD_BYTES, Import, ImportedFile
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.ingest.handover import new_run
from crawlight.ingest.importers.format import Format
from crawlight.ingest.order import EVER
from crawlight.ingest.reading import TAIL_BYTES, Log, fingerprint, is_shorter_copy, same_start, starts
from crawlight.ingest.staged import Target
from crawlight.kit import clock

_PATIENCE_SECONDS: Final = 60.0
"""How long a log that was read to its end waits to be noted: nobody else does, and reading it again takes longer."""


class Part(msgspec.Struct):
    """Domains that have read a log equally far, and what the ledger says of it for each that has."""

    domains: dict[str, DomainId] = msgspec.field(default_factory=dict)
    known: list[ImportedFile] = msgspec.field(default_factory=list)
    before: bytes = b""
    """What stands before the log's first line, where the ledger counts it in: it once did."""

    @property
    def offset(self) -> int:
        """Bytes that were read."""
        return self.known[0].offset - len(self.before) if self.known else 0

    @property
    def lines(self) -> int:
        """Lines that were read."""
        return self.known[0].lines if self.known else 0

    @property
    def tail(self) -> str:
        """Digest of the last bytes that were read."""
        return self.known[0].tail if self.known else digest(b"")

    def ends_with(self, tail: bytes) -> bool:
        """Whether these are the last bytes that were read."""
        return self.tail in (digest(tail), digest((self.before + tail)[-TAIL_BYTES:]))

    def of(self, target: Target) -> Target:
        """The target, with no other domains."""
        return msgspec.structs.replace(target, domains=self.domains)


async def parts_of(database: Database, target: Target, log: Log) -> list[Part]:
    """The domains by how far they have read the log, the farthest first.

    Raises UserError where it was imported for other times that overlap with those of the target.
    """
    since, until = _times(target)
    sample, before = log.sample(), log.left_out()
    files = await _alike(database, target, sample, before)
    for file in files:
        if (file.since, file.until) != (since, until) and file.since < until and since < file.until:
            raise UserError(_other_times(log.name, file))
    parts: dict[tuple[int, str], Part] = {}
    for host, domain_id in target.domains.items():
        mine = (file for file in files if file.domain_id == domain_id and file.since == since)
        known = max(mine, key=lambda file: file.offset, default=None)
        part = parts.setdefault((known.offset, known.tail) if known else (0, ""), Part())
        part.before = before if known and not _begins(known, sample) else b""
        part.domains[host] = domain_id
        part.known += [known] if known else []
    return sorted(parts.values(), key=lambda part: -part.offset)


def go_on(log: Log, part: Part) -> None:
    """Go to where the import ended before. Raises UserError for another file."""
    tail = log.skip(part.offset, part.ends_with)
    if part.known and not part.ends_with(tail):
        raise UserError(
            f"{log.name} begins like a log that was imported before, but it is shorter or differs from it before"
            f" byte {part.offset:,}: an older copy, or an edited one? Nothing of it was counted"
        )


def entry_of(part: Part, sample: bytes, chosen: Format, target: Target) -> ImportedFile:
    """The ledger's entry of a new import, of no domain yet; it goes on from where the last one ended."""
    since, until = _times(target)
    return ImportedFile(
        fingerprint=fingerprint(sample),
        since=since,
        until=until,
        starts=starts(sample),
        format=chosen.name,
        offset=part.offset,
        lines=part.lines,
        tail=part.tail,
        run=new_run(),
        updated_at=clock.now(),
    )


async def note(
    database: Database, entry: ImportedFile, part: Part, name: str, lines: int, kept: Mapping[DomainId, int]
) -> None:
    """Write an entry for every domain of a part, in place of what was known of the log, and the import itself.

    ``name`` is the log's, ``lines`` and ``kept`` what this import read and how many records of each domain it gave.
    """
    entries = [_copy(entry, domain_id) for domain_id in part.domains.values()]
    one = Import(
        run=entry.run,
        file=name,
        format=entry.format,
        fingerprint=entry.fingerprint,
        starts=entry.starts,
        imported_at=entry.updated_at,
        lines=lines,
        records={str(domain_id): kept.get(domain_id, 0) for domain_id in part.domains.values()},
        before={str(file.domain_id): imports.members_of(file) for file in part.known},
        undoing=False,
    )
    async with database.write(patience=_PATIENCE_SECONDS) as session:
        await imports.put(session, entries, part.known)
        session.add(one)


def digest(tail: bytes) -> str:
    """How the ledger keeps the last bytes of a log: a digest tells as much, and nobody's address."""
    return hashlib.sha256(tail).hexdigest()


async def _alike(database: Database, target: Target, sample: bytes, before: bytes) -> list[ImportedFile]:
    """The files in the ledger that begin as the sample does, or as it does with what was left out before it."""
    samples = [sample, before + sample] if before else [sample]
    whole = [fingerprint(one) for one in samples] if len(sample) >= HEAD_BYTES else None
    async with database.read() as session:
        files = await imports.of_domains(session, target.domains.values(), whole)
    return [file for file in files if any(_begins(file, one) for one in samples)]


def _begins(file: ImportedFile, sample: bytes) -> bool:
    return same_start(file.fingerprint, sample) or is_shorter_copy(file.starts, sample)


def _times(target: Target) -> tuple[int, int]:
    return int(target.since.timestamp()), int(target.until.timestamp())


def _other_times(name: str, file: ImportedFile) -> str:
    whole = (file.since, file.until) == tuple(int(moment.timestamp()) for moment in EVER)
    since, until = (datetime.fromtimestamp(moment, UTC).isoformat() for moment in (file.since, file.until))
    before = "as a whole" if whole else f"from {since} to before {until}"
    return (
        f"{name} was imported before {before}, which overlaps with --since and --until now: say times that do not,"
        " or the same ones again. Nothing of it was counted"
    )


def _copy(entry: ImportedFile, domain_id: DomainId) -> ImportedFile:
    names = [column.key for column in inspect(ImportedFile).column_attrs]
    values = {name: getattr(entry, name) for name in names}
    return ImportedFile(**{**values, "domain_id": domain_id})
