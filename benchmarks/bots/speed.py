"""How fast crawlers are named, beside other recognisers: ``python -m benchmarks.bots.speed [CORPUS.csv]``.

The peers are optional: ``make bench`` installs benchmarks/bots/requirements.txt into ``.peers`` to have them in the
same table. Every user agent is distinct and no cache is used, except in the line that says so. ua-parser tells
crawlers by the device and names them by the user agent, so the fair comparison is the line with both. Each figure is
CPU time, the best of some rounds, and the rounds of all candidates take turns, so that a busy machine slows all of
them alike.
"""

import csv
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawlight.bots.catalogue import by_name
from crawlight.bots.identity import Identity
from crawlight.bots.lists import load_ranges
from crawlight.bots.matcher import classify, recognise

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/bots/data/user_agents.csv"
PEERS = ROOT / ".peers"
ROUNDS = 7
SLOW = 60
"""User agents that a slow peer is measured on."""

Candidate = tuple[str, Callable[[str], object], int]


def corpus() -> list[str]:
    """The user agents of the corpus named on the command line, else of the project's own."""
    with Path(*sys.argv[1:2] or [str(CORPUS)]).open(encoding="utf-8", newline="") as file:
        return [row["user_agent"] for row in csv.DictReader(file)]


def peers(count: int) -> list[Candidate]:
    """The other recognisers that are installed: a name, a function that gives a crawler's name, how many strings."""
    sys.path.append(str(PEERS))
    found: list[Candidate] = []
    try:
        from ua_parser import Domain
        from ua_parser.loaders import load_lazy_builtins
        from ua_parser.regex import Resolver

        resolver = Resolver(load_lazy_builtins())
        both = Domain.USER_AGENT | Domain.DEVICE
        found.append(("ua-parser (Rust): name, and whether a crawler", lambda ua: resolver(ua, both), count))
        found.append(("ua-parser (Rust): name alone", lambda ua: resolver(ua, Domain.USER_AGENT), count))
    except ImportError:
        pass
    try:
        from crawleruseragents import matching_crawlers

        found.append(("crawler-user-agents", matching_crawlers, SLOW))
    except ImportError:
        pass
    try:
        from device_detector import DeviceDetector

        found.append(("device_detector", lambda ua: DeviceDetector(ua).parse().client_name(), SLOW))
    except ImportError:
        pass
    return found


def seconds_each(run: Callable[[str], object], strings: list[str]) -> float:
    """CPU seconds per string of one round."""
    begin = time.process_time()
    for string in strings:
        run(string)
    return (time.process_time() - begin) / len(strings)


def measured(candidates: list[Candidate], strings: list[str]) -> dict[str, float]:
    """Best seconds per string of each candidate; their rounds take turns. Slow ones get a spread-out sample."""
    best = dict.fromkeys([name for name, _, _ in candidates], float("inf"))
    for _ in range(ROUNDS):
        for name, run, count in candidates:
            sample = strings[:: max(1, len(strings) // count)]
            best[name] = min(best[name], seconds_each(run, sample))
    return best


def identity_seconds() -> dict[str, float]:
    """Seconds per identity check by address list."""
    identity = Identity(load_ranges())
    agent = by_name("Googlebot")
    assert agent
    when = identity.clock()
    cases = {"listed IPv4": "66.249.66.1", "listed IPv6": "2001:4860:4801:10::1", "unlisted": "192.0.2.7"}
    return {
        f"identity, {name}": min(
            seconds_each(lambda address: identity.judge(agent, address, when), [address] * 50_000)
            for _ in range(3)
        )
        for name, address in cases.items()
    }


def main() -> None:
    """Measure and print the table."""
    strings = list(dict.fromkeys(corpus()))
    gc.disable()
    recognise("warm up")
    ours = "crawlight, no cache"
    speeds = measured([(ours, recognise, len(strings)), *peers(len(strings))], strings)
    for string in strings:
        classify(string)
    speeds["crawlight, with cache"] = min(seconds_each(classify, strings) for _ in range(ROUNDS))
    table = Table(
        "candidate",
        "µs each",
        "per second",
        "times as long as crawlight",
        title=f"{len(strings)} user agents",
    )
    for name, seconds in {**speeds, **identity_seconds()}.items():
        times = f"{seconds / speeds[ours]:.1f}" if name in speeds else ""
        table.add_row(name, f"{seconds * 1e6:.2f}", f"{1 / seconds:,.0f}", times)
    Console().print(table)


if __name__ == "__main__":
    main()
