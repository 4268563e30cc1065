"""Imports are taken back: their rows, their part of every number, and the ledger as it was before them.

The mark in the ledger is the decision. From then on the rest is done by whoever gets to it, again where somebody died
over it: a server before it serves, a command before it counts.
"""

from collections.abc import Collection, Sequence

import msgspec

from crawlight.database.engine import Database
from crawlight.domains import imports
from crawlight.domains.imports import Import
from crawlight.errors import UserError
from crawlight.events import taking_back
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.ingest.handover import run_number


class Listed(msgspec.Struct, frozen=True):
    """An import for people and programs. ``records`` counts what it gave each domain, also what is no crawl."""

    number: int
    file: str
    format: str
    imported_at: str
    lines: int
    records: dict[str, int]


async def listed(database: Database) -> list[Listed]:
    """Every import that can be taken back, the oldest first."""
    async with database.read() as session:
        found, hosts = await imports.all_imports(session), await imports.hosts(session)
    return [_listed(one, hosts) for one in found if _domains(one, hosts)]


async def meant_by(database: Database, given: str) -> list[int]:
    """The numbers of the imports that a number, or a file, means: of a file all of them. Raises UserError for none."""
    async with database.read() as session:
        known = await imports.all_imports(session)
    if given.isascii() and given.isdecimal():
        if int(given) not in {one.id for one in known}:
            raise UserError(f"there is no import {given}; `crawlight import --list` shows all")
        return [int(given)]
    samples = _samples(given)
    found = [one.id for one in known if any(_is_of(one, sample) for sample in samples)]
    if not found:
        raise UserError(
            f"nothing of {given} was imported since imports can be taken back; `crawlight import --list` shows all"
        )
    return found


async def undo(database: Database, store: EventsStore, numbers: Collection[int]) -> list[Listed]:
    """Take imports back, all or none of them. The caller holds the import lock, and everything is loaded.

    Raises UserError, and changes nothing, where one cannot be taken back.
    """
    async with database.read() as session:
        known = {one.id: one for one in await imports.all_imports(session)}
        hosts = await imports.hosts(session)
        latest = await imports.latest_runs(session, [one.run for one in known.values()])
    some = [known[number] for number in sorted(numbers) if number in known]
    if len(some) < len(set(numbers)):
        raise UserError("an import that is to be taken back is not there any more")
    for one in some:
        _check_order(one, some, latest, hosts)
        _check_kept(one, hosts, await store.run(taking_back.rows_of, store, run_number(one.run)))
    async with database.write() as session:
        await imports.mark_undoing(session, [one.id for one in some])
    await finish(database, store)
    return [_listed(one, hosts) for one in some]


async def finish(database: Database, store: EventsStore) -> None:
    """Go on with what was decided. Needs nothing else to write into the events store meanwhile."""
    async with database.read() as session:
        decided = await imports.undoing(session)
    for one in decided:
        await store.run(taking_back.take_back, store, run_number(one.run))
        async with database.write() as session:
            await imports.forget_import(session, one, (await imports.hosts(session)).keys())


def _check_order(
    one: Import, some: Sequence[Import], latest: Collection[tuple[DomainId, str]], hosts: dict[DomainId, str]
) -> None:
    """Raise UserError where a later import, which is to stay, goes on from where this one ended."""
    followed = {entry["run"] for other in some for entry in other.before.values()}
    for domain_id in _domains(one, hosts):
        if (domain_id, one.run) not in latest and one.run not in followed:
            raise UserError(
                f"a later import of {one.file} goes on from where import {one.id} ended: take that one back first,"
                f" or all of the file with --undo FILE"
            )


def _check_kept(one: Import, hosts: dict[DomainId, str], rows: dict[int, int]) -> None:
    """Raise UserError where not all rows are there any more: what they added is not known then."""
    gave = sum(number for domain_id, number in _domains(one, hosts).items())
    left = sum(rows.get(domain_id, 0) for domain_id in _domains(one, hosts))
    if left != gave:
        raise UserError(
            f"import {one.id} of {one.file} gave {gave:,} records, and {left:,} of them are still kept: the others are"
            " older than single crawls are kept for (CRAWLIGHT_RETENTION_DAYS), and without them their part of the"
            " daily and monthly numbers is not known. Nothing was changed"
        )


def _domains(one: Import, hosts: dict[DomainId, str]) -> dict[DomainId, int]:
    """Records of each domain that is still there."""
    return {domain_id: one.records[str(domain_id)] for domain_id in hosts if str(domain_id) in one.records}


def _listed(one: Import, hosts: dict[DomainId, str]) -> Listed:
    records = {hosts[domain_id]: number for domain_id, number in _domains(one, hosts).items()}
    return Listed(one.id, one.file, one.format, one.imported_at.isoformat(), one.lines, records)


def _samples(path: str) -> list[bytes]:
    from crawlight.ingest.archives import (
        open_logs,
    )  # These load slowly, and most that finish nothing need none.
    from crawlight.ingest.reading import Log

    with open_logs(path) as logs:
        return [log.sample() for log in logs if isinstance(log, Log)]


def _is_of(one: Import, sample: bytes) -> bool:
    from crawlight.ingest.reading import is_shorter_copy, same_start

    return same_start(one.fingerprint, sample) or is_shorter_copy(one.starts, sample)
