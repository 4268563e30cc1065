"""What a second edge process costs: CPU time of an answer with one and two, and how much of it is the machine's."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote

import psutil
from granian.constants import Interfaces, Loops
from granian.server import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks import cached
from benchmarks.cached import Load
from crawlight import edge_server
from crawlight.crawls.recorder import Recorder

SUBJECTS = ("bare", "unrecorded", "crawlight")
_BODY = b"x" * 2_000
_HEADERS = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(_BODY))]


async def bare_app(scope: Scope, receive: Receive, send: Send) -> None:
    """2 kB, and nothing else."""
    if scope["type"] == "lifespan":
        for answer in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{answer}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


def bare() -> ASGIApp:
    return bare_app


def crawlight() -> ASGIApp:
    return edge_server.process()


def unrecorded() -> ASGIApp:
    """An edge process that says of each crawl that it is on disk."""

    async def nothing(*_: object) -> bool:
        return True

    Recorder.record_or_lose = nothing  # type: ignore[method-assign, assignment]
    return edge_server.process()


def serve(subject: str, workers: int, port: int) -> None:
    """What `crawlight.edge_server` does, with another app."""
    Server(
        f"benchmarks.processes:{subject}",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        loop=Loops.uvloop,
        websockets=False,
        workers_kill_timeout=10,
        log_enabled=False,
    ).serve()


@contextmanager
def running(subject: str, workers: int, folder: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A subject on a port of its own; gives the URL of a page and its processes."""
    port = cached.free_port()
    environment = os.environ | {
        "CRAWLIGHT_DATA_DIR": str(folder),
        "CRAWLIGHT_RENDER_CALLS_PER_MINUTE": "1000000000",
        "CRAWLIGHT_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "benchmarks.processes", "--serve", subject, str(workers), str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            cached.await_answer(port)
            page = quote("https://example.com/page", safe="")
            yield (
                f"http://127.0.0.1:{port}/v1/render?url={page}",
                psutil.Process(process.pid).children(recursive=True),
            )
        finally:
            process.terminate()


def measure(rounds: int, seconds: int) -> dict[tuple[str, int], list[Load]]:
    """Every subject with one and two processes in each round; which of the two comes first takes turns."""
    runs: dict[tuple[str, int], list[Load]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = asyncio.run(cached.fill(folder))
        headers = {
            "authorization": f"Bearer {key}",
            "user-agent": cached.GOOGLEBOT,
            "x-hadoseo-client-ip": "66.249.66.1",
            "accept-encoding": "gzip",
        }
        for turn in range(rounds):
            for subject in SUBJECTS:
                for workers in ((1, 2), (2, 1))[turn % 2]:
                    with running(subject, workers, folder) as (url, processes):
                        cached.load(url, processes, 1, headers)
                        told = cached.load(url, processes, seconds, headers)
                    runs.setdefault((subject, workers), []).append(told)
    return runs


def show(runs: dict[tuple[str, int], list[Load]]) -> None:
    """The median of each, and the median of the rounds' ratios."""
    for (subject, workers), some in sorted(runs.items()):
        one = cached.median_of(some)
        print(
            f"{subject:<12}{workers} process(es){one.rate:>9,.0f}/s  p99 {one.p99:>7.2f} ms  "
            f"{one.cpu * 1000:.1f} CPU µs each  {one.errors} errors"
        )
    ratios = {
        subject: median(
            two.cpu / one.cpu for one, two in zip(runs[subject, 1], runs[subject, 2], strict=True)
        )
        for subject in SUBJECTS
    }
    print("CPU of an answer with two processes in times that of one: " + _rounded(ratios))


def _rounded(ratios: dict[str, float]) -> str:
    return ", ".join(f"{subject} {ratio:.2f}" for subject, ratio in ratios.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks processes", description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each run")
    parser.add_argument("--rounds", type=int, default=7, help="of all runs")
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        subject, workers, port = options.serve
        serve(subject, int(workers), int(port))
    else:
        show(measure(options.rounds, options.seconds))


if __name__ == "__main__":
    main()
