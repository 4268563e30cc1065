"""Cold renders: ours beside the raw browser and npm prerender, and whether any page is only half of one."""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.rendering.site import build

BARS = {"p50": 1.2, "rate": 0.9, "peer": 3.3, "cpu": 1.3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds; in each, every subject runs once")
    parser.add_argument("--seconds", type=float, default=10, help="how long a subject runs")
    parser.add_argument("--pages", type=int, default=1000, help="pages of which none may be half")
    parser.add_argument("--only", choices=["speed", "halves"], help="one of the two parts")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    options = parser.parse_args()
    build()
    told: dict[str, Any] = {}
    with site() as url:
        if options.only != "halves":
            told |= speed(url, options.rounds, options.seconds)
        if options.only != "speed":
            told["halves"] = halves(url, options.pages)
    print(json.dumps(told, indent=2) if options.json else table(told))
    if any(row["bad"] for row in told.get("halves", [])):
        sys.exit("half pages were taken for whole ones")


def speed(url: str, rounds: int, seconds: float) -> dict[str, Any]:
    """All subjects in turn, alone and four at a time."""
    runs: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for number in range(rounds):
        for loops in (1, 4):
            for name in ("raw", "crawlight", "prerender"):
                print(f"round {number + 1}: {name} at {loops}", file=sys.stderr)
                run = subject(name, url, "--loops", str(loops), "--seconds", str(seconds))
                runs.setdefault((name, loops), []).append(run)
    rows = [summary(name, loops, found) for (name, loops), found in runs.items()]
    by = {(row["subject"], row["concurrency"]): row for row in rows}
    raw1, raw4, ours1, ours4 = by["raw", 1], by["raw", 4], by["crawlight", 1], by["crawlight", 4]
    ratios = {
        "p50": ours1["p50_ms"] / raw1["p50_ms"],
        "rate": ours4["pages_per_minute"] / raw4["pages_per_minute"],
        "peer": ours4["pages_per_minute"] / by["prerender", 4]["pages_per_minute"],
        "cpu": ours4["cpu_ms"] / raw4["cpu_ms"],
    }
    return {"rows": rows, "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()}}


def halves(url: str, pages: int) -> list[dict[str, Any]]:
    """Many pages at once, and the same while another process takes a core."""
    rows = []
    for busy in (False, True):
        with hog() if busy else nothing():
            run = subject("crawlight", url, "--loops", "4", "--seconds", "100000", "--pages", str(pages))
        rows.append({"a core is taken": busy, **summary("crawlight", 4, [run])})
    return rows


def summary(name: str, loops: int, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over rounds."""

    def median(of: Any) -> float:
        return float(statistics.median(of(run) for run in runs))

    def percentile(run: dict[str, Any], part: float) -> float:
        ordered = sorted(run["latencies"])
        return 1000 * float(ordered[min(int(len(ordered) * part), len(ordered) - 1)])

    return {
        "subject": name,
        "concurrency": loops,
        "pages": sum(run["pages"] for run in runs),
        "bad": sum(run["bad"] for run in runs),
        "p50_ms": round(median(lambda run: percentile(run, 0.5))),
        "p95_ms": round(median(lambda run: percentile(run, 0.95))),
        "pages_per_minute": round(median(lambda run: 60 * run["pages"] / run["wall"])),
        "cpu_ms": round(median(lambda run: 1000 * run["cpu"] / run["pages"])),
        "memory_mb": round(median(lambda run: run["memory"] / 1e6)),
    }


def table(told: dict[str, Any]) -> str:
    """The rows under each other, and the ratios with their bars."""
    lines = []
    for rows in (told.get("rows", []), told.get("halves", [])):
        if rows:
            lines += ["", "  ".join(f"{name:>16}" for name in rows[0])]
            lines += ["  ".join(f"{value!s:>16}" for value in row.values()) for row in rows]
    if ratios := told.get("ratios"):
        lines += [
            "",
            f"p50 at 1:            {ratios['p50']:.2f} x raw     (bar: at most {BARS['p50']})",
            f"pages/minute at 4:   {ratios['rate']:.2f} x raw     (bar: at least {BARS['rate']})",
            f"pages/minute at 4:   {ratios['peer']:.2f} x prerender (bar: at least {BARS['peer']})",
            f"CPU of a page at 4:  {ratios['cpu']:.2f} x raw     (bar: at most {BARS['cpu']})",
        ]
    return "\n".join(lines)


def subject(name: str, url: str, *options: str) -> dict[str, Any]:
    """One run of one subject in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.rendering.subject", name, url, *options]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return told


@contextmanager
def site() -> Iterator[str]:
    """The site in a process of its own; gives its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, "-m", "benchmarks.rendering.site", str(port)]) as process:
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def hog() -> Iterator[None]:
    """A process that takes a core."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


@contextmanager
def nothing() -> Iterator[None]:
    yield


if __name__ == "__main__":
    main()
