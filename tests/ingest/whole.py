"""A whole log in memory, read as an import does, without stores to write to."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from crawlight.bots.identity import Identity
from crawlight.bots.lists import Ranges
from crawlight.events.store import EventsStore
from crawlight.ingest.importers.choosing import Chosen, choose_format
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Staging

TARGET = Target(
    {"example.com": 1}, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), hostless=1
)


class Whole(NamedTuple):
    chosen: Chosen
    staged: Staged
    records: list[dict[str, Any]]

    def counts(self) -> dict[str, int]:
        return dict(self.staged.buckets)

    def paths(self) -> list[str]:
        return [record["path"] for record in self.records]

    def identities(self) -> list[str]:
        return [record["identity"] for record in self.records]


def read(
    store: EventsStore,
    data: bytes,
    *,
    name: str = "auto",
    said: str = "",
    target: Target = TARGET,
    identity: Identity | None = None,
    quick: bool = True,
) -> Whole:
    chosen = choose_format(name, "access.log", data[:65_536], None, said)
    if not quick:
        chosen = chosen._replace(format=msgspec.structs.replace(chosen.format, quoted=None))
    judge = identity or Identity(Ranges([]))
    staged, rows = Staged(), []
    with Staging(store, chosen.format, target, judge, chosen.others, chosen.wrapping) as staging:
        chunk = memoryview(bytearray(data))
        result = staging.stage(chunk, staging.cut(chunk))
        for part in [result, *([staging.stage_others(result.others)] if result.others else [])]:
            staged.add(part.staged, 5, 0)
            rows += part.records.to_pylist()
    return Whole(chosen, staged, rows)
