"""Cached pages a second, each crawl on disk and its sender judged, beside npm prerender with its memory cache."""

import argparse
import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import quote

import msgspec
import psutil

from benchmarks import account
from crawlight.accounts.keys import create_key
from crawlight.accounts.people import create_account, find_account
from crawlight.database.engine import Database
from crawlight.domains.registry import add_domain
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PEER = Path(__file__).parent / "rendering" / "peer"
CONNECTIONS = 16
KINDS = ("text/html", "text/markdown")
"""What is asked for, by ``Accept``. The Markdown of the page is about as long as its HTML."""
_TEXT = "crawler page snapshot render cache browser script content index search answer domain visit number"
WORDS = _TEXT.split()


_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}


class Load(msgspec.Struct):
    """What a run of wrk said. Times are in milliseconds; ``cpu`` is that of the server for each answer.

    ``closed`` are answers that ended with their connection.
    """

    rate: float
    p50: float
    p99: float
    errors: int
    closed: int
    cpu: float


def page() -> bytes:
    """A page of 8 kB that packs to about a quarter."""
    text = " ".join(f"{WORDS[(n * n + n // 3) % len(WORDS)]}{n * 7919 % 97}" for n in range(900))
    return f"<!doctype html><html><head><title>A page</title></head><body><p>{text[:7900]}</p></body></html>".encode()


@contextmanager
def site() -> Iterator[str]:
    """The page over HTTP, for the peer to render."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page"
    server.shutdown()


async def fill(folder: Path) -> str:
    """An account, a domain and one snapshot; gives the key."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/crawlight.sqlite")
    await create_account(database, DEFAULT_PLANS, account.EMAIL, plan="agency")
    domain = await add_domain(database, "example.com", account.EMAIL)
    snapshots = Snapshots(database, Bodies(f"file://{folder}/snapshots"))
    await snapshots.put(domain.id, "/page", NewSnapshot(status=200, html=page(), raw_html=b""))
    owner = await find_account(database, account.EMAIL)
    key = await create_key(database, DEFAULT_PLANS, owner.id, "bench")
    await database.close()
    return key


@contextmanager
def crawlight(folder: Path, workers: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A server with edge processes; gives their URL and themselves."""
    port = free_port()
    environment = os.environ | {
        "CRAWLIGHT_RENDER_CALLS_PER_MINUTE": "1000000000",
        "CRAWLIGHT_BOTS_REFRESH": "false",
        "CRAWLIGHT_LOG_LEVEL": "error",
    }
    options = ["--port", "0", "--edge-workers", str(workers), "--edge-port", str(port)]
    command = [sys.executable, "-m", "crawlight", "--data", str(folder), "serve", *options]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            await_answer(port)
            yield (
                f"http://127.0.0.1:{port}/v1/render?url={quote('https://example.com/page', safe='')}",
                edge_processes(process.pid),
            )
        finally:
            process.terminate()


def edge_processes(server: int) -> list[psutil.Process]:
    """The edge processes below a server, by its process number: whatever else it has started may end at any time."""
    found: list[psutil.Process] = []
    for child in psutil.Process(server).children():
        with suppress(psutil.NoSuchProcess):
            if "crawlight.edge_server" in child.cmdline():
                found += [child, *child.children(recursive=True)]
    return found


@contextmanager
def peer(url: str) -> Iterator[tuple[str, list[psutil.Process]]]:
    """The peer with the page in its memory cache; gives the URL of the page there and its node process."""
    if not (PEER / "node_modules").exists():
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=PEER, check=True, stdout=subprocess.DEVNULL
        )
    port, debugging = free_port(), free_port()
    chosen = {
        "PORT": port,
        "DEBUGGING_PORT": debugging,
        "BROWSER": find_browser(),
        "CACHE": 1,
        "CACHE_TTL": 3600,
    }
    environment = os.environ | {name: str(value) for name, value in chosen.items()}
    with subprocess.Popen(
        ["node", "server.js"],
        cwd=PEER,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            await_port(port)
            await_port(debugging)
            asked = f"http://127.0.0.1:{port}/render?url={quote(url, safe='')}"
            await_page(asked)
            yield asked, [psutil.Process(process.pid)]
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()


def load(url: str, processes: list[psutil.Process], seconds: int, headers: dict[str, str]) -> Load:
    """Put load on a URL with wrk."""
    named = [option for name, text in headers.items() for option in ("-H", f"{name}: {text}")]
    before = cpu_of(processes)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *named, url]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = cpu_of(processes) - before
    return read_load(told, spent)


def read_load(told: str, spent: float) -> Load:
    """What wrk printed; ``spent`` are the CPU seconds of the server. Refused requests and broken ones are errors."""
    answers = int(found(r"(\d+) requests in", told))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    connect, read, write, late = map(int, broken.groups()) if broken else (0, 0, 0, 0)
    # A server that ends every answer by closing has as many read errors as answers, and no one is to blame.
    closed = min(read, answers) if read >= 0.99 * answers else 0
    return Load(
        rate=float(found(r"Requests/sec:\s+([\d.]+)", told)),
        p50=milliseconds(50, told),
        p99=milliseconds(99, told),
        errors=(int(refused[1]) if refused else 0) + connect + read - closed + write + late,
        closed=closed,
        cpu=spent / max(answers, 1) * 1000,
    )


def milliseconds(percent: int, told: str) -> float:
    """A percentile of the table below "Latency Distribution"; other lines of wrk have percentages, too."""
    table = told.partition("Latency Distribution")[2]
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", found(rf"(?m)^\s+{percent}%\s+(\S+)\s*$", table)).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]


def found(pattern: str, told: str) -> str:
    match = re.search(pattern, told)
    if match is None:
        sys.exit(f"wrk said something else than expected:\n{told}")
    return match[1]


def cpu_of(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def await_port(port: int) -> None:
    end = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        if time.monotonic() > end:
            sys.exit(f"nothing listens on port {port}")
        time.sleep(0.1)


def await_answer(port: int) -> None:
    """Wait until a request is answered: a socket listens before the process behind it is ready."""
    await_port(port)
    await_page(f"http://127.0.0.1:{port}/healthz")


def await_page(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=60).read()
            return
        except urllib.error.HTTPError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="of each run")
    parser.add_argument("--rounds", type=int, default=5, help="of all runs, one after the other")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("this benchmark needs wrk")
    runs: dict[str, list[Load]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        key = asyncio.run(fill(folder))
        visitor = {
            "authorization": f"Bearer {key}",
            "user-agent": GOOGLEBOT,
            "x-hadoseo-client-ip": "66.249.66.1",
        }
        url = stack.enter_context(site())
        for turn in range(options.rounds):
            for encoding in ("gzip", "identity"):
                headers = {**visitor, "accept-encoding": encoding}
                with peer(url) as (asked, processes):
                    plain = {"accept-encoding": encoding, "user-agent": GOOGLEBOT}
                    told = load(asked, processes, options.seconds, plain)
                    runs.setdefault(f"npm prerender, memory cache, {encoding}", []).append(told)
                for workers in (1, 2) if encoding == "gzip" else (1,):
                    with crawlight(folder, workers) as (asked, processes):
                        for kind in KINDS if turn % 2 else KINDS[::-1]:
                            accepting = {**headers, "accept": kind}
                            load(asked, processes, 1, accepting)
                            told = load(asked, processes, options.seconds, accepting)
                            runs.setdefault(run_of(workers, encoding, kind), []).append(told)
    show(runs)


def show(runs: dict[str, list[Load]]) -> None:
    print(
        f"{len(page())} bytes, {CONNECTIONS} connections; medians of {len(next(iter(runs.values())))} rounds\n"
    )
    middle = {name: median_of(some) for name, some in runs.items()}
    for name, one in middle.items():
        print(
            f"{name:<56}{one.rate:>9,.0f}/s  p50 {one.p50:>7.2f} ms  p99 {one.p99:>7.2f} ms  "
            f"{one.cpu:.3f} ms CPU each  {one.errors} errors  {one.closed} closed"
        )
    for encoding in ("gzip", "identity"):
        html, markdown = (run_of(1, encoding, kind) for kind in KINDS)
        theirs = middle[f"npm prerender, memory cache, {encoding}"]
        print(f"{encoding}: {middle[html].rate / theirs.rate:.1f} times the peer's rate")
        beside = [
            (one.rate / other.rate, one.cpu / other.cpu)
            for one, other in zip(runs[markdown], runs[html], strict=True)
        ]
        rate, cpu = (median(some) for some in zip(*beside, strict=True))
        print(
            f"{encoding}: Markdown at {rate:.2f} times the rate of HTML and {cpu:.2f} times its CPU, medians of rounds"
        )


def run_of(workers: int, encoding: str, kind: str) -> str:
    return f"crawlight, {workers} edge process(es), {encoding}, {kind}"


def median_of(some: list[Load]) -> Load:
    """Each member's median on its own; all errors and closed connections."""
    rate, p50, p99, cpu = (
        median([getattr(one, name) for one in some]) for name in ("rate", "p50", "p99", "cpu")
    )
    errors, closed = (sum(getattr(one, name) for one in some) for name in ("errors", "closed"))
    return Load(rate, p50, p99, errors, closed, cpu)


if __name__ == "__main__":
    main()
