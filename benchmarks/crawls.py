"""Made crawls in an events store of their own, written through the product's schema, kept for the next run.

50 domains whose sizes are spread evenly on a logarithmic scale, the largest with 100 times the crawls of the
smallest; pages by Zipf's law; all 25 keys; 365 days, the last one being the day of the making. To every 20
crawls there is one render.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from benchmarks import account
from crawlight.bots.catalogue import load
from crawlight.bots.keys import BOT_KEYS
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.events.schema import steps
from crawlight.events.store import EventsStore

FOLDER = Path(tempfile.gettempdir()) / "crawlight-bench"
DOMAINS = 50
DAYS = 365
INSERTS = 40
LARGEST = 100
"""Crawls of the largest domain, where the smallest has one."""
ROLLUPS = (
    "daily",
    "daily_agents",
    "pages_daily",
    "pages_monthly",
    "page_keys_monthly",
    "paths",
    "measured_daily",
    "measured_hourly",
    "page_agents",
)
TABLES = ("records", *ROLLUPS)
UNMEASURED = RECORD_COLUMNS[: RECORD_COLUMNS.index("bytes")]
"""Members of records of which nobody measured anything."""

MERGED_PARTS = "SELECT count() FROM system.parts WHERE database = currentDatabase() AND NOT active"

# `number` counts the records in time; everything else about one is drawn from it.
RECORDS = """
SELECT
    1 + toUInt32(floor(log(1 + {domain} * (pow({step}, {domains}) - 1)) / log({step}))) AS domain_id,
    toDateTime({start}, 'UTC') + intDiv(number * {seconds}, {records}) AS ts,
    if(number % 21 = 20, 'render', 'crawl') AS kind,
    if(kind = 'crawl', {agents}[pick], '') AS agent,
    if(kind = 'crawl', {keys}[pick], '') AS key,
    if(kind = 'crawl', {categories}[pick], '') AS category,
    if(kind = 'crawl', 'unchecked', 'none') AS identity,
    multiIf(
        kind = 'render', 'none', draw < 0.6, 'hit', draw < 0.85, 'miss', draw < 0.95, 'passthrough', 'blocked'
    ) AS outcome,
    multiIf(outcome = 'blocked', 403, draw >= 0.9, 404, 200) AS status,
    'proxy' AS source,
    concat('{path}', toString(toUInt32(floor(pow({pages} + 1, {page}))))) AS path
FROM (
    SELECT number, {outcome} AS draw, toUInt8(floor(pow(26, {bot}))) AS pick
    FROM numbers({{from:UInt64}}, {{count:UInt64}})
)
"""


@dataclass(frozen=True)
class Crawls:
    """A store that was made: where it is, what is in it, what the making took."""

    folder: str
    crawls: int
    pages: int
    last_day: str
    cpu: float
    wall: float

    @property
    def url(self) -> str:
        return f"chdb://{self.folder}/events"

    @property
    def now(self) -> datetime:
        """Noon of the last day: the store is asked as of then, however old it is."""
        return datetime.fromisoformat(f"{self.last_day}T12:00:00Z")

    @classmethod
    def found(cls, folder: Path) -> Self | None:
        """What was made in that folder, if it was made to the end."""
        note = folder / "made.json"
        return cls(**json.loads(note.read_text())) if note.exists() else None


def made(crawls: int, pages: int) -> Crawls:
    """Return a store with so many crawls, of so many pages per domain: an earlier one, or a new one.

    An engine opens one store per process, so this needs a process of its own.
    """
    schema = zlib.crc32(repr(steps()).encode())
    folder = FOLDER / f"crawls-{crawls}-{pages}-step{steps()[-1][0]}-{schema:08x}"
    if found := Crawls.found(folder):
        return found
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    last_day = datetime.now(UTC).date()
    started, cpu = time.perf_counter(), time.process_time()
    store = EventsStore(f"chdb://{folder}/events")
    forget_merged_parts(store)
    fill(store, crawls, pages, last_day)
    settle(store)
    store.close()
    asyncio.run(account.make(folder, DOMAINS, pages))
    spent = (time.process_time() - cpu, time.perf_counter() - started)
    new = Crawls(str(folder), crawls, pages, last_day.isoformat(), *spent)
    (folder / "made.json").write_text(json.dumps(asdict(new)))
    return new


def fill(store: EventsStore, crawls: int, pages: int, last_day: date) -> None:
    """Insert the records in the order of time, each insert with a token; every rollup is kept on the way."""
    records = crawls * 21 // 20
    sql = f"INSERT INTO records ({', '.join(UNMEASURED)}) {records_query(records, pages, last_day)}"
    for number in range(INSERTS):
        begin, end = (records * n // INSERTS for n in (number, number + 1))
        settings = (
            f"SETTINGS insert_deduplication_token = 'bench-{number}', max_partitions_per_insert_block = 0"
        )
        store.command(sql + settings, {"from": begin, "count": end - begin})
        progress(f"{end:,} of {records:,} records", last=end == records)


def forget_merged_parts(store: EventsStore) -> None:
    """Have parts removed a second after they were merged, not eight minutes: it halves the place on the disk."""
    seconds = ("old_parts_lifetime", "cleanup_delay_period", "max_cleanup_delay_period")
    settings = ", ".join(f"{name} = 1" for name in seconds)
    for table in TABLES:
        store.command(f"ALTER TABLE {table} MODIFY SETTING {settings}, cleanup_delay_period_random_add = 0")


def settle(store: EventsStore) -> None:
    """Have the engine finish the merges of the rollups that it would do by and by, and remove what was merged."""
    for table in ROLLUPS:
        progress(f"merging {table}")
        store.command(f"OPTIMIZE TABLE {table} FINAL")
    progress("merged", last=True)
    for _ in range(60):
        if not store.command(MERGED_PARTS):
            break
        time.sleep(1)


def records_query(records: int, pages: int, last_day: date) -> str:
    agents = [next(agent for agent in load().agent if agent.key == key) for key in BOT_KEYS]
    return RECORDS.format(
        domain=uniform(1),
        page=uniform(2),
        bot=uniform(3),
        outcome=uniform(4),
        domains=DOMAINS,
        step=LARGEST ** (1 / (DOMAINS - 1)),
        start=f"'{last_day - timedelta(days=DAYS - 1)} 00:00:00'",
        seconds=DAYS * 86_400,
        records=records,
        pages=pages,
        path=account.page_path(""),
        agents=[agent.name for agent in agents],
        keys=list(BOT_KEYS),
        categories=[agent.category for agent in agents],
    )


def uniform(salt: int) -> str:
    """SQL for a number drawn from [0, 1) by the record's number."""
    return f"(bitShiftRight(cityHash64(number, {salt}), 11) / {2**53})"


def progress(text: str, *, last: bool = False) -> None:
    if last or sys.stderr.isatty():
        print(f"\r  {text:<60}", end="\n" if last else "", file=sys.stderr, flush=True)
