from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawlight.accounts.people import create_account
from crawlight.bots.identity import Identity
from crawlight.bots.lists import Ranges
from crawlight.domains import imports, pages
from crawlight.domains.registry import add_domain
from crawlight.ids import DomainId
from crawlight.ingest.importing import Imported, Importer, Progress
from crawlight.ingest.staged import Target
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings
from tests.ingest.naive import Seen

EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
LOGS = Path(__file__).with_name("data")


def target_of(**changes: object) -> Target:
    """Lines of any time, into the domain example.com."""
    whole = Target({"example.com": DomainId(1)}, *EVER, hostless=DomainId(1))
    return msgspec.structs.replace(whole, **changes)


@dataclass
class Place:
    """A data directory with the domain example.com, and imports into it."""

    services: Services
    chunk_bytes: int = 500_000
    identity: Identity = field(default_factory=lambda: Identity(Ranges([])))

    async def import_file(
        self,
        path: Path,
        *,
        load: bool = True,
        between: tuple[datetime, datetime] = EVER,
        target: Mapping[str, object] = {},
        log_format: str = "auto",
        keys: Mapping[str, str] | None = None,
        anyway: bool = False,
        progress: Progress = lambda _read, _size: None,
    ) -> Imported:
        stores = (self.services.database, self.services.spool, self.services.store)
        importer = Importer(*stores, self.identity, self.chunk_bytes)
        goes_to = target_of(oldest=between[0], newest=between[1], **target)
        [imported] = await importer.import_file(str(path), goes_to, log_format, keys, progress, anyway=anyway)
        if load:
            await self.services.loading.load()
        return imported

    def rows(self) -> list[Seen]:
        columns = self.services.store.columns(
            "SELECT ts, toString(kind), agent, key, status, path FROM records WHERE domain_id = 1"
        )
        rows = zip(*columns, strict=True)
        return sorted(Seen(row[0].replace(tzinfo=UTC), *row[1:]) for row in rows)

    async def traces(self) -> list[object]:
        """What an import leaves behind: segments, rows, entries of the ledger, pages."""
        async with self.services.database.read() as session:
            ledger = len(await imports.of_domains(session, [DomainId(1)]))
        counts = await pages.seo_counts(self.services.database, [DomainId(1)])
        spool = self.services.spool
        return [spool.prepared(), spool.published(), self.rows(), ledger, list(counts)]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_services(load_settings(data_dir=tmp_path / "data")) as services:
        await create_account(services.database, services.settings.plans, "me@example.org", plan="pro")
        await add_domain(services.database, "example.com", "me@example.org")
        yield Place(services)
