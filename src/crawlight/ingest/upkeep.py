"""What is done now and then: old records go, forgotten domains are gone, expired ids are dropped."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import select

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import event_ids, forgetting
from crawlight.events import removal
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.kit import clock

HOURS_DAYS: Final = 90
"""How many days numbers by the hour are kept. The view that fills them takes none that are older."""


class Retention(msgspec.Struct, frozen=True):
    """How long records are kept: single crawls for ``days``, daily and monthly numbers for ``months``.

    Numbers by the hour are kept for `HOURS_DAYS`.
    """

    days: int
    months: int

    def first_days(self, today: date) -> tuple[date, date, date]:
        """The first day of which single crawls are kept, of which hours are, and of which other numbers are."""
        months = today.year * 12 + today.month - 1 - self.months
        hours = today - timedelta(days=HOURS_DAYS)
        return today - timedelta(days=self.days), hours, date(months // 12, months % 12 + 1, 1)


async def upkeep(database: Database, store: EventsStore, default: Retention) -> None:
    """Do all of it once. ``default`` is for domains that set nothing of their own."""
    await finish_forgetting(database, store)
    await event_ids.drop_expired(database)
    await trim(database, store, default)


async def finish_forgetting(database: Database, store: EventsStore) -> None:
    """Remove what the events store has of domains that were forgotten."""
    if notes := await forgetting.forgotten(database):
        gone = [note.domain_id for note in notes]
        await store.run(removal.forget, store, gone)
        await forgetting.drop_notes(database, gone)


async def trim(database: Database, store: EventsStore, default: Retention) -> None:
    """Remove what each domain keeps no longer. Whole days, so of many times a day only one finds anything."""
    today, found = clock.now().date(), False
    for retention, domains in (await _domains(database, default)).items():
        found |= await store.run(removal.trim, store, domains, *retention.first_days(today))
    if found:
        await store.run(removal.drop_unused_paths, store)


async def _domains(database: Database, default: Retention) -> dict[Retention, list[DomainId]]:
    query = select(Domain.id, Domain.retention_days, Domain.retention_months)
    groups: dict[Retention, list[DomainId]] = defaultdict(list)
    async with database.read() as session:
        for domain_id, days, months in await session.execute(query):
            groups[Retention(days or default.days, months or default.months)].append(domain_id)
    return groups
