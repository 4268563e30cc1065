"""The export of 50 domains beside its floor, and how its time grows with the number of crawls.

The floor is what no export can do without: its two queries, answered by the engine with nothing, and the
encoding of Structs that are ready. Both are measured in turns in one process, on a store made beforehand
whose merges are settled.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import msgspec

from benchmarks import account, crawls
from crawlight.accounts.scope import Scope
from crawlight.analytics.document import Document
from crawlight.analytics.export import Exporter
from crawlight.analytics.queries import query
from crawlight.analytics.series import whole_months
from crawlight.events.store import EventsStore
from crawlight.kit.periods import window

PERIODS = ("30d", "365d")
QUERIES = ("series", "top_pages")
READ = ("daily", "pages_daily", "pages_monthly")
"""The rollups that the two read."""
FLOOR_BAR = 1.5
GROWTH_BAR = 1.3
GROWTH_PAGES = 100
TURNS = 3
GROWTH_SIZES = (10**6, 10**7, 10**8)
ENCODER = msgspec.json.Encoder()
T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """Seconds of all threads of the process, and seconds on the clock."""

    cpu: float
    wall: float

    @classmethod
    def median(cls, costs: Sequence["Cost"]) -> "Cost":
        return cls(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


@dataclass(frozen=True)
class Result:
    """Medians of one period on one store, and the size of the answer in bytes."""

    period: str
    floor: Cost
    export: Cost
    size: int

    @classmethod
    def median(cls, results: Sequence["Result"]) -> "Result":
        floor = Cost.median([result.floor for result in results])
        return replace(results[-1], floor=floor, export=Cost.median([result.export for result in results]))

    @property
    def cpu_ratio(self) -> float:
        return self.export.cpu / self.floor.cpu


@dataclass(frozen=True)
class Case:
    """One store, what is in it, and what was measured on it; ``first`` is the export that opened it."""

    made: crawls.Crawls
    disk: int
    rows: dict[str, int]
    first: Cost
    results: list[Result]

    @classmethod
    def median(cls, cases: Sequence["Case"]) -> "Case":
        """The last of several measurements of one store, with medians of all."""
        results = [Result.median([case.of(period) for case in cases]) for period in PERIODS]
        return replace(cases[-1], first=Cost.median([case.first for case in cases]), results=results)

    def of(self, period: str) -> Result:
        return next(result for result in self.results if result.period == period)


def main() -> None:
    options = arguments()
    report: dict[str, object] = {"rounds": options.rounds}
    if options.only != "growth":
        case = alone(options.crawls, options.pages, options.rounds)
        ratios = {result.period: result.cpu_ratio for result in case.results}
        report["floor"] = {**asdict(case), "cpu_ratio": ratios}
        if not options.json:
            print_floor(case)
    if options.only != "floor":
        sizes = [size for size in GROWTH_SIZES if size <= options.crawls] or [options.crawls]
        cases = in_turns(sizes, options.rounds)
        report["growth"] = {"cases": [asdict(case) for case in cases], "cpu_ratio": growth(cases)}
        if not options.json:
            print_growth(cases)
    if options.json:
        print(json.dumps(report, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks export", description=__doc__.splitlines()[0])
    parser.add_argument("--crawls", type=number, default=10**8, help="crawls in the store (default 100M)")
    parser.add_argument("--pages", type=int, default=5_000, help="pages of a domain, beside the floor (5000)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each (7)")
    parser.add_argument("--only", choices=("floor", "growth"), help="one of the two questions alone")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args()


def number(text: str) -> int:
    """``100M``, ``250k`` or ``1000000``."""
    factor = {"k": 10**3, "m": 10**6}.get(text[-1:].lower(), 1)
    return int(text[:-1] if factor > 1 else text) * factor


def alone(size: int, pages: int, rounds: int) -> Case:
    """Make the store in one process and measure on it in another: the engine opens one store per process."""
    made = in_process(crawls.made, size, pages)
    case: Case = in_process(measure, made, rounds)
    return case


def in_turns(sizes: Sequence[int], rounds: int) -> list[Case]:
    """Measure every size several times, in turns, so that what else the machine does is spread over all."""
    turns = [[alone(size, GROWTH_PAGES, rounds) for size in sizes] for _ in range(TURNS)]
    return [Case.median(cases) for cases in zip(*turns, strict=True)]


def growth(cases: Sequence[Case]) -> dict[str, float]:
    """By period: CPU time of the export from the most crawls to that from the fewest."""
    return {period: cases[-1].of(period).export.cpu / cases[0].of(period).export.cpu for period in PERIODS}


def in_process(work: Callable[..., Any], *args: object) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *args).result()


def measure(made: crawls.Crawls, rounds: int) -> Case:
    store = EventsStore(made.url)
    try:
        return asyncio.run(measured(store, made, rounds))
    finally:
        store.close()


async def measured(store: EventsStore, made: crawls.Crawls, rounds: int) -> Case:
    folder = Path(made.folder)
    database = await account.opened(folder)
    try:
        stand = Stand(store, Exporter(store, database), await account.scope(database), made.now)
        first, _ = await cost(stand.export(PERIODS[0]))
        check(await stand.export("365d"), made)
        results = [await stand.measured(period, rounds) for period in PERIODS]
        return Case(made, disk(folder), rows(store), first, results)
    finally:
        await database.close()


def check(answer: bytes, made: crawls.Crawls) -> None:
    """Stop where a year's export does not count every crawl that was made."""
    document = msgspec.json.decode(answer, type=Document)
    counted = sum(report.summary.total_crawls for report in document.domains)
    if counted != made.crawls:
        raise RuntimeError(f"the export counts {counted:,} crawls, {made.crawls:,} were made")


@dataclass(frozen=True)
class Stand:
    """What is measured: one account's export and its floor."""

    store: EventsStore
    exporter: Exporter
    scope: Scope
    now: datetime

    async def measured(self, period: str, rounds: int) -> Result:
        """Floor and export in turns, after one of each that is not counted."""
        answer = await self.export(period)
        document = msgspec.json.decode(answer, type=Document)
        await self.floor(period, document)
        floors, exports = [], []
        for _ in range(rounds):
            floors.append((await cost(self.floor(period, document)))[0])
            exports.append((await cost(self.export(period)))[0])
        return Result(period, Cost.median(floors), Cost.median(exports), len(answer))

    async def export(self, period: str) -> bytes:
        return await self.exporter.export(self.scope, period, self.now)

    async def floor(self, period: str, document: Document) -> None:
        parameters = self.parameters(period)
        queries = (f"{query(name)} FORMAT Null" for name in QUERIES)
        await asyncio.gather(*(self.store.run(self.store.command, sql, parameters) for sql in queries))
        await self.store.run(ENCODER.encode, document)

    def parameters(self, period: str) -> dict[str, object]:
        days = window(period, self.now)
        months_from, months_until = whole_months(days)
        return {
            "domains": [domain.id for domain in self.scope.domains],
            "first": days.first,
            "last": days.last,
            "months_from": months_from,
            "months_until": months_until,
        }


async def cost(work: Awaitable[T]) -> tuple[Cost, T]:
    started, before = time.perf_counter(), cpu_seconds()
    result = await work
    return Cost(cpu_seconds() - before, time.perf_counter() - started), result


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rows(store: EventsStore) -> dict[str, int]:
    """Rows of the records and of each rollup."""
    return {table: int(store.command(f"SELECT count() FROM {table}")) for table in crawls.TABLES}


def disk(folder: Path) -> int:
    """Bytes that the folder takes on the disk."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*"))


def print_floor(case: Case) -> None:
    print(__doc__.partition("\n\n")[2])
    print(described(case))
    print(f"{'':<8}{'':<16}{'CPU ms':>10}{'wall ms':>10}")
    for result in case.results:
        print(line(f"{result.period:<8}{'floor':<16}", result.floor))
        print(line(f"{'':<8}{'export':<16}", result.export))
        wall = result.export.wall / result.floor.wall
        print(f"{'':<8}{result.size / 1e6:.2f} MB; {result.cpu_ratio:.2f} x the CPU, {wall:.2f} x the time")
        print(f"{'':<8}{verdict(result.cpu_ratio, FLOOR_BAR)}")
    print(line(f"{'first export of all':<24}", case.first))


def print_growth(cases: Sequence[Case]) -> None:
    print(f"\nThe export with {GROWTH_PAGES} pages a domain")
    titles = "".join(f"{period + ' CPU ms':>16}{'wall ms':>10}" for period in PERIODS)
    print(f"{'crawls':>12}{'rollup rows':>14}{titles}")
    for case in cases:
        rollups = sum(case.rows[table] for table in READ)
        costs = "".join(line("", case.of(period).export, 16) for period in PERIODS)
        print(f"{case.made.crawls:12,}{rollups:14,}{costs}")
    for period, ratio in growth(cases).items() if len(cases) > 1 else ():
        print(f"{period:<8}the most take {ratio:.2f} x the CPU of the fewest: {verdict(ratio, GROWTH_BAR)}")


def line(name: str, spent: Cost, width: int = 10) -> str:
    return f"{name}{spent.cpu * 1000:{width},.0f}{spent.wall * 1000:10,.0f}"


def described(case: Case) -> str:
    made = case.made
    return (
        f"{made.crawls:,} crawls, {crawls.DOMAINS} domains, {made.pages:,} pages each, {crawls.DAYS} days; "
        f"{case.disk / 2**20:,.0f} MB on disk; made in {made.cpu:,.0f} CPU s"
    )


def verdict(ratio: float, bar: float) -> str:
    return f"PASS (bar {bar} x)" if ratio <= bar else f"over the bar of {bar} x"


if __name__ == "__main__":
    main()
