"""How long commands take from their start to their end: ``python -m benchmarks startup``.

Each is a process of its own on a small data directory, without a server and with one. The floor is ``python -c pass``
in the same round: what no command can do without. Wall time and CPU time are medians of the rounds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from crawlight.kit.clock import now

BARS: Mapping[str, float] = {
    "domain list": 0.45,
    "user list": 0.45,
    "key list": 0.45,
    "export": 1.2,
    "import": 1.2,
    "domain list, server": 0.4,
    "export, server": 0.4,
    "import, server": 0.4,
}
"""Seconds of wall time on two cores that have nothing else to do."""

_LINE = (
    '66.249.66.1 - - [{time}] "GET /{page} HTTP/1.1" 200 100 "-" '
    '"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"\n'
)
_OWNER = "owner@example.com"
_PATIENCE_SECONDS = 60


class Figure(msgspec.Struct, frozen=True):
    """Medians of one command, in seconds."""

    command: str
    wall: float
    cpu: float
    bar: float | None


class Taken(NamedTuple):
    """One run, in seconds."""

    wall: float
    cpu: float


def crawlight(data: Path, *arguments: str) -> list[str]:
    """The command on a data directory."""
    return [sys.executable, "-m", "crawlight", "--data", str(data), *arguments]


def taken(command: Sequence[str]) -> Taken:
    """Run a command that must succeed."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, os.times()
    user, system = (
        after.children_user - before.children_user,
        after.children_system - before.children_system,
    )
    return Taken(wall, user + system)


def commands(data: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The commands by name; an import has a log of its own every time."""
    yield "domain list", crawlight(data, "domain", "list")
    yield "user list", crawlight(data, "user", "list")
    yield "key list", crawlight(data, "key", "list")
    yield "export", crawlight(data, "export", "--user", _OWNER)
    log = folder / f"{time.time_ns()}.log"
    moment = f"{now():%d/%b/%Y:%H:%M:%S +0000}"
    log.write_text("".join(_LINE.format(time=moment, page=f"{log.stem}-{page}") for page in range(3)))
    yield "import", crawlight(data, "import", str(log), "--domain", "example.com")


@contextmanager
def server(data: Path) -> Iterator[None]:
    """A server on the data directory while the block runs."""
    environment = os.environ | {"CRAWLIGHT_BOTS_REFRESH": "false"}
    command = crawlight(data, "serve", "--port", "0")
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere) as process:
        try:
            end = time.monotonic() + _PATIENCE_SECONDS
            while not (data / "control.sock").exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("the server did not start")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def measured(rounds: int) -> list[Figure]:
    """All figures; the floor and all commands run once in each round."""
    found: dict[str, list[Taken]] = {}
    with tempfile.TemporaryDirectory(prefix="crawlight-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        for arguments in (("user", "add", _OWNER), ("domain", "add", "example.com", "--owner", _OWNER)):
            subprocess.run(crawlight(data, *arguments), check=True, stdout=subprocess.DEVNULL)
        _rounds(found, rounds, data, folder, "")
        with server(data):
            _rounds(found, rounds, data, folder, ", server")
    return [
        Figure(
            command,
            statistics.median(one.wall for one in runs),
            statistics.median(one.cpu for one in runs),
            BARS.get(command),
        )
        for command, runs in found.items()
    ]


def _rounds(found: dict[str, list[Taken]], rounds: int, data: Path, folder: Path, where: str) -> None:
    for number in range(rounds + 1):
        floor = [("python -c pass", [sys.executable, "-c", "pass"])]
        run = [(name, taken(command)) for name, command in [*floor, *commands(data, folder)]]
        if number:  # The first round fills caches.
            for name, one in run:
                found.setdefault(name if name == floor[0][0] else name + where, []).append(one)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measured(options.rounds)
    if options.json:
        sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
        return
    table = Table("command", "wall ms", "CPU ms", "bar ms")
    for one in figures:
        bar = "" if one.bar is None else f"{one.bar * 1000:.0f}{'' if one.wall <= one.bar else ', missed'}"
        table.add_row(one.command, f"{one.wall * 1000:.0f}", f"{one.cpu * 1000:.0f}", bar)
    Console().print(table)


if __name__ == "__main__":
    main()
