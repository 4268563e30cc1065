"""The export while crawls come in: many parts that the engine has not merged yet, beside the merged state.

A year of crawls with merged rollups gets a last day in many small inserts, as a loader makes them, with merges
stopped; so the export reads more parts than it ever would. Then everything is merged and asked again.
"""

import argparse
import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import account, crawls
from benchmarks.export import Cost, cost, in_process, number
from crawlight.analytics.export import Exporter
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.events.store import EventsStore

BAR = 1.5
READ = ("daily", "pages_daily", "pages_monthly")
PARTS = """
SELECT count() FROM system.parts WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)}
"""


@dataclass(frozen=True)
class State:
    """The export of a year in one state of the store: medians, and the active parts of what it reads."""

    parts: int
    export: Cost


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks unmerged", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--crawls", type=number, default=5_000_000, help="crawls in the store (5M)")
    parser.add_argument("--pages", type=int, default=5_000, help="pages of a domain (5000)")
    parser.add_argument("--inserts", type=int, default=100, help="inserts that are not merged (100)")
    parser.add_argument("--rows", type=int, default=1_000, help="crawls in each of them (1000)")
    parser.add_argument("--rounds", type=int, default=7, help="exports in each state (7)")
    options = parser.parse_args()
    made = in_process(crawls.made, options.crawls, options.pages)
    folder = Path(tempfile.mkdtemp(prefix="crawlight-bench-"))
    try:
        shutil.copytree(made.folder, folder / "store", symlinks=True)
        live, merged = in_process(measure, made, folder / "store", options)
    finally:
        shutil.rmtree(folder)
    print(
        f"{options.crawls:,} crawls of a year and {options.inserts} inserts of {options.rows:,} on the last day"
    )
    for name, state in (("unmerged", live), ("merged", merged)):
        spent = f"{state.export.cpu * 1000:.0f} CPU ms, {state.export.wall * 1000:.0f} ms"
        print(f"  {name:<10}{state.parts:6} parts   export of 365 days: {spent}")
    ratio = live.export.cpu / merged.export.cpu
    print(f"  {ratio:.2f} x the CPU: {'PASS' if ratio <= BAR else 'over'} (bar {BAR} x)")


def measure(made: crawls.Crawls, folder: Path, options: argparse.Namespace) -> tuple[State, State]:
    store = EventsStore(f"chdb://{folder}/events")
    try:
        for table in crawls.TABLES:
            store.command(f"SYSTEM STOP MERGES {table}")
        insert(store, made, options)
        live = asyncio.run(exported(store, made, folder, options.rounds))
        for table in crawls.TABLES:
            store.command(f"SYSTEM START MERGES {table}")
        for table in crawls.ROLLUPS:
            store.command(f"OPTIMIZE TABLE {table} FINAL")
        return live, asyncio.run(exported(store, made, folder, options.rounds))
    finally:
        store.close()


def insert(store: EventsStore, made: crawls.Crawls, options: argparse.Namespace) -> None:
    """The last records of the year once more, a few at a time: they are of the last day."""
    records = made.crawls * 21 // 20
    names = ", ".join(RECORD_COLUMNS)
    sql = f"INSERT INTO records ({names}) {crawls.records_query(records, made.pages, made.now.date())}"
    for turn in range(options.inserts):
        settings = f"SETTINGS insert_deduplication_token = 'live-{turn}', max_partitions_per_insert_block = 0"
        begin = records - options.rows * (turn % 10 + 1)
        store.command(sql + settings, {"from": begin, "count": options.rows})
        crawls.progress(f"{turn + 1} of {options.inserts} inserts", last=turn + 1 == options.inserts)


async def exported(store: EventsStore, made: crawls.Crawls, folder: Path, rounds: int) -> State:
    parts = int(store.command(PARTS, {"tables": list(READ)}))
    database = await account.opened(folder)
    try:
        exporter, scope = Exporter(store, database), await account.scope(database)
        await exporter.export(scope, "365d", made.now)
        costs = [(await cost(exporter.export(scope, "365d", made.now)))[0] for _ in range(rounds)]
    finally:
        await database.close()
    return State(parts, Cost(median(one.cpu for one in costs), median(one.wall for one in costs)))


if __name__ == "__main__":
    main()
