"""What each table of the events store takes on the disk, and how much of it sizes, times and contents are.

50 domains, 5,000 pages each, 300 agents, a year; every crawl has a size and a time, and of six in ten it is known
which snapshot was sent: no way in knows more. What the store would take without all that stands beside it.
"""

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import crawls
from benchmarks.export import number
from crawlight.bots.catalogue import load
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.events.store import EventsStore

BAR = 1.25
AGENTS = 300
WEEK = 7 * 86_400
NEW_TABLES = ("measured_daily", "measured_hourly", "page_agents")
NEW_COLUMNS = RECORD_COLUMNS[RECORD_COLUMNS.index("bytes") :]

# A page has a size that changes each week with its content; agents take it compressed in one of three ways.
MEASURED = """
SELECT * EXCEPT (agent, key, category),
    if(kind = 'crawl', {names}[who], '') AS agent, if(kind = 'crawl', {keys}[who], '') AS key,
    if(kind = 'crawl', {categories}[who], '') AS category,
    toUInt32((4000 + cityHash64(path, domain_id) % 40000) * [1, 0.28, 0.25][1 + who % 3] + week % 50) AS bytes,
    toUInt32(greatest(1, exp(3.7 + 0.9 * normal))) AS milliseconds,
    false AS asked_markdown,
    if(outcome = 'hit', cityHash64(path, domain_id, week), 0) AS content,
    1 + intDiv(week, 10) AS robots_version,
    'html' AS format
FROM (
    SELECT *, toUInt16(floor(pow({agents} + 1, {bot}))) AS who, intDiv(toUnixTimestamp(ts), {week}) AS week,
        sqrt(-2 * log({one} + 1e-12)) * cos(2 * pi() * {other}) AS normal
    FROM ({records})
)
"""
SIZES = """
SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts
WHERE active AND database = currentDatabase() GROUP BY table
"""
COLUMNS = """
SELECT column, sum(column_bytes_on_disk) AS size FROM system.parts_columns
WHERE active AND database = currentDatabase() AND table = {table:String} GROUP BY column ORDER BY size DESC
"""
# No code makes less of values than their entropy: of sizes and times taken one by one, and of the contents that no
# earlier crawl of the page had.
ENTROPY = """
SELECT entropy(bytes) / 8, entropy(milliseconds) / 8,
    8 * uniqIf((domain_id, path, content), content != 0) / count()
FROM records WHERE kind = 'crawl'
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks rollups", description=__doc__.splitlines()[0])
    parser.add_argument("--crawls", type=number, default=5_000_000, help="crawls of a year (5M)")
    parser.add_argument("--pages", type=int, default=5_000, help="pages of a domain (5000)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crawlight-bench-"))
    try:
        report(folder, options.crawls, options.pages)
    finally:
        shutil.rmtree(folder)


def report(folder: Path, count: int, pages: int) -> None:
    store = EventsStore(f"chdb://{folder}/events")
    started, cpu = time.perf_counter(), time.process_time()
    crawls.forget_merged_parts(store)
    for table in crawls.TABLES:  # else small parts do not tell how large a column is
        store.command(f"ALTER TABLE {table} MODIFY SETTING min_bytes_for_wide_part = 0")
    fill(store, count, pages)
    spent = (time.process_time() - cpu, time.perf_counter() - started)
    store.command("OPTIMIZE TABLE records FINAL")
    crawls.settle(store)
    print(f"{count:,} crawls: {spent[0]:.0f} CPU s, {spent[1]:.0f} s")
    tables = {name: (rows, size) for name, rows, size in zip(*store.columns(SIZES), strict=True)}
    for name, (rows, size) in sorted(tables.items(), key=lambda one: -one[1][1]):
        if not name.startswith("schema_"):
            print(f"  {name:<18}{rows:12,} rows {size / 1e6:10.1f} MB {size / count:7.2f} bytes a crawl")
    for table in ("records", *NEW_TABLES):
        columns = dict(zip(*store.columns(COLUMNS, {"table": table}), strict=True))
        print(f"  {table}: " + ", ".join(f"{name} {columns[name] / count:.2f}" for name in columns))
    columns = dict(zip(*store.columns(COLUMNS, {"table": "records"}), strict=True))
    total = sum(size for _, size in tables.values())
    added = sum(tables[name][1] for name in NEW_TABLES) + sum(columns[name] for name in NEW_COLUMNS)
    ratio = total / (total - added)
    floor = [sum(column) for column in store.columns(ENTROPY)]
    least = (total - added) / count + sum(floor)
    print(
        f"  entropy: bytes {floor[0]:.2f}, milliseconds {floor[1]:.2f}, content {floor[2]:.2f} bytes a crawl:",
        end=" ",
    )
    print(f"records alone make {least * count / (total - added):.2f} x at least")
    print(f"  {(total - added) / count:.1f} bytes a crawl without sizes, times and contents,", end=" ")
    print(f"{total / count:.1f} with them: {ratio:.2f} x {'PASS' if ratio <= BAR else 'over'} (bar {BAR} x)")
    store.close()


def fill(store: EventsStore, count: int, pages: int) -> None:
    records = count * 21 // 20
    names = ", ".join(RECORD_COLUMNS)
    sql = f"INSERT INTO records ({names}) SELECT {names} FROM ({query(records, pages)})"
    for turn in range(crawls.INSERTS):
        begin, end = (records * n // crawls.INSERTS for n in (turn, turn + 1))
        store.command(
            f"{sql} SETTINGS insert_deduplication_token = 'bench-{turn}', max_partitions_per_insert_block = 0",
            {"from": begin, "count": end - begin},
        )
        crawls.progress(f"{end:,} of {records:,} records", last=end == records)


def query(records: int, pages: int) -> str:
    known = [agent for agent in load().agent if agent.category != "library"][:AGENTS]
    inner = crawls.records_query(records, pages, datetime.now(UTC).date())
    inner = inner.replace("AS path\n", "AS path, number\n", 1)
    return MEASURED.format(
        names=[agent.name for agent in known],
        keys=[agent.key or "" for agent in known],
        categories=[agent.category for agent in known],
        agents=len(known),
        bot=crawls.uniform(5),
        one=crawls.uniform(6),
        other=crawls.uniform(7),
        week=WEEK,
        records=inner,
    )


if __name__ == "__main__":
    main()
