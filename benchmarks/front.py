"""The front beside the same Caddy as a plain reverse proxy, with 500 domains and 1,000 rules each."""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from urllib.parse import quote

import msgspec
import psutil

from benchmarks import account
from benchmarks.cached import GOOGLEBOT, await_port, cpu_of, fill, free_port
from crawlight.accounts.people import find_account
from crawlight.database.engine import Database
from crawlight.database.tables import Domain, DomainSettings, Membership, RoutingRules
from crawlight.domains.registry import find_domain
from crawlight.domains.settings import DEFAULTS
from crawlight.kit.clock import now

SIZES: Final = {"8 kB": 8_192, "1 MB": 1_048_576}
PERSON: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Referer": "https://www.google.com/",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
}
CLIENTS: Final = 2
CONNECTIONS: Final = 4
"""Processes that ask, and connections of each."""


class Run(msgspec.Struct):
    """One run: answers a second, milliseconds, CPU milliseconds of Caddy for each answer, and what failed."""

    rate: float
    p99: float
    cpu: float
    longest: float
    failed: int


def ask(port: int, requests: list[bytes], seconds: float) -> tuple[list[float], int]:
    """Ask over a few connections in turn, for some seconds; gives seconds of each answer, and how many failed.

    What finds its connection closed is asked once more on a new one, as every client does (RFC 9112, 9.3.1).
    """
    clients = [connected(port) for _ in range(CONNECTIONS)]
    waits, failed, end, number = list[float](), 0, time.perf_counter() + seconds, os.getpid()
    while time.perf_counter() < end:
        began = time.perf_counter()
        sent = [requests[(number + place) % len(requests)] for place in range(CONNECTIONS)]
        for client, request in zip(clients, sent, strict=True):
            with suppress(ConnectionError):
                client.sendall(request)
        for place, request in enumerate(sent):
            status = answer_of(clients[place])
            if not status:
                clients[place] = connected(port)
                clients[place].sendall(request)
                status = answer_of(clients[place])
            failed += status != b"200"
            waits.append(time.perf_counter() - began)
        number += CONNECTIONS
    return waits, failed


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def answer_of(client: socket.socket) -> bytes:
    """Read one whole answer; gives its status, empty where the connection was closed before it."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = received(client, 65_536)
        if not piece:
            return b"" if not came else b"cut"
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    left = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]) - len(body)
    while left > 0:
        piece = received(client, min(left, 1 << 20))
        if not piece:
            return b"cut"
        left -= len(piece)
    return head[9:12]


def received(client: socket.socket, most: int) -> bytes:
    try:
        return client.recv(most)
    except ConnectionError:
        return b""


def run(
    pool: ProcessPoolExecutor, caddy: psutil.Process, port: int, requests: list[bytes], seconds: float
) -> Run:
    before, began = cpu_of([caddy]), time.perf_counter()
    told = list(pool.map(partial(ask, port, requests), [seconds] * CLIENTS))
    took, spent = time.perf_counter() - began, cpu_of([caddy]) - before
    waits = [wait for some, _ in told for wait in some]
    p99 = quantiles(waits, n=100)[98] * 1000
    failed = sum(count for _, count in told)
    return Run(len(waits) / took, p99, spent / len(waits) * 1000, max(waits) * 1000, failed)


def written(path: str, host: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def origin(folder: Path) -> Iterator[int]:
    """nginx with a file of each size."""
    port, root = free_port(), folder / "root"
    root.mkdir(parents=True)
    for size in SIZES.values():
        (root / str(size)).write_bytes(os.urandom(size))
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1; worker_rlimit_nofile 20000;\n"
        f"{'user root; ' if os.geteuid() == 0 else ''}events {{ worker_connections 10000; }}\n"
        f"http {{ access_log off; keepalive_requests 1000000; server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([program, "-c", config, "-e", "stderr"], stderr=subprocess.DEVNULL) as process:
        try:
            await_port(port)
            yield port
        finally:
            process.terminate()


@contextmanager
def plain(folder: Path, behind: int) -> Iterator[tuple[int, psutil.Process]]:
    """Caddy with one route."""
    port, config = free_port(), folder / "plain.json"
    proxy = {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{behind}"}]}
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "routes": [{"handle": [proxy]}],
        "automatic_https": {"disable": True},
    }
    admin = {"disabled": True}
    config.write_bytes(
        msgspec.json.encode({"admin": admin, "apps": {"http": {"servers": {"plain": server}}}})
    )
    with subprocess.Popen(["caddy", "run", "--config", config], stderr=subprocess.DEVNULL) as process:
        try:
            await_port(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


async def people_the_front(folder: Path, domains: int, rules: int, behind: int) -> None:
    """More domains, all on the front, each with its rules; example.com is one of them."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/crawlight.sqlite")
    owner = await find_account(database, account.EMAIL)
    first = await find_domain(database, "example.com")
    chosen = msgspec.to_builtins(DEFAULTS) | {"front": True, "origin_host": "origin"}
    at, listed = (
        f"http://127.0.0.1:{behind}",
        "".join(f"/old-page-{n}.html,/new/{n},301\n" for n in range(rules)),
    )
    async with database.write() as session:
        (await session.get_one(Domain, first.id)).origin = at
        more = [
            Domain(host=f"d{n}.example", origin=at, created_at=now(), verified_at=now())
            for n in range(domains - 1)
        ]
        session.add_all(more)
        await session.flush()
        for one in more:
            session.add(Membership(domain_id=one.id, account_id=owner.id, role="owner"))
        for number in (first.id, *(one.id for one in more)):
            session.add(DomainSettings(domain_id=number, **chosen))
            session.add(RoutingRules(domain_id=number, content=listed))
    await database.close()


class Front:
    """The real command with a front."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.server_port = folder, free_port(), free_port()
        chosen = {
            "FRONT_HTTP": f"127.0.0.1:{self.port}",
            "FRONT_TLS": "off",
            "BOTS_REFRESH": "false",
            "LOG_LEVEL": "error",
            "RENDER_CALLS_PER_MINUTE": "1000000000",
        }
        self.environment = os.environ | {f"CRAWLIGHT_{name}": text for name, text in chosen.items()}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "crawlight", "--data", str(self.folder), *words]

    @contextmanager
    def serving(self) -> "Iterator[subprocess.Popen[bytes]]":
        command = self.command("serve", "--front", "--port", str(self.server_port))
        with subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL) as process:
            try:
                await_port(self.port)
                await_port(self.server_port)
                yield process
            finally:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait()
                subprocess.run(self.command("front", "stop"), env=self.environment, stdout=subprocess.DEVNULL)

    def caddy(self) -> psutil.Process:
        config = str(self.folder / "front" / "caddy.json")
        return next(one for one in psutil.process_iter(["cmdline"]) if config in (one.info["cmdline"] or []))


def reload_seconds(front: Front, host: str) -> float:
    """From the end of a command that takes a domain off the front until its first 421, and back on."""
    request = written(f"/{SIZES['8 kB']}", host, PERSON)
    waits = []
    for chosen in ("off", "on"):
        subprocess.run(
            front.command("domain", "set", host, "--front", chosen), check=True, stdout=subprocess.DEVNULL
        )
        began = time.perf_counter()
        while status(front.port, request) != (b"421" if chosen == "off" else b"200"):
            time.sleep(0.005)
        waits.append(time.perf_counter() - began)
    return max(waits)


def status(port: int, request: bytes) -> bytes:
    with connected(port) as client:
        client.sendall(request)
        return answer_of(client)


def show(what: str, ours: list[Run], theirs: list[Run], ours_named: str, theirs_named: str) -> None:
    print(what)
    for name, runs in ((ours_named, ours), (theirs_named, theirs)):
        rate, p99, cpu = (median([getattr(one, member) for one in runs]) for member in ("rate", "p99", "cpu"))
        failed = sum(one.failed for one in runs)
        print(
            f"  {name:<24}{rate:>9,.0f}/s  p99 {p99:>7.2f} ms  {cpu:.3f} ms CPU of Caddy each  {failed} failed"
        )
    rates = median([one.rate / other.rate for one, other in zip(ours, theirs, strict=True)])
    p99s = median([one.p99 / other.p99 for one, other in zip(ours, theirs, strict=True)])
    print(f"  {rates:.2f} x the rate, {p99s:.2f} x the p99\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each run")
    parser.add_argument("--rounds", type=int, default=5, help="of all runs, one after the other")
    parser.add_argument("--domains", type=int, default=500)
    parser.add_argument("--asked", type=int, default=1, help="of these; each has connections of its own")
    parser.add_argument("--rules", type=int, default=1_000, help="of each domain")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        key = asyncio.run(fill(folder / "data"))
        behind = stack.enter_context(origin(folder / "nginx"))
        asyncio.run(people_the_front(folder / "data", options.domains, options.rules, behind))
        front = Front(folder / "data")
        other, other_caddy = stack.enter_context(plain(folder, behind))
        server = stack.enter_context(front.serving())
        pool = stack.enter_context(ProcessPoolExecutor(CLIENTS))
        caddy = front.caddy()
        hosts = [f"d{n * 7 % (options.domains - 1)}.example" for n in range(options.domains - 1)]
        print(f"{options.domains} domains with {options.rules:,} rules each, {options.rounds} rounds\n")
        for what, size in SIZES.items():
            requests = [written(f"/{size}", host, PERSON) for host in hosts[: options.asked]]
            ours, theirs = list[Run](), list[Run]()
            for _ in range(options.rounds):
                ours.append(run(pool, caddy, front.port, requests, options.seconds))
                theirs.append(run(pool, other_caddy, other, requests, options.seconds))
            show(f"people, {what}", ours, theirs, "front", "plain reverse_proxy")
        server.send_signal(signal.SIGSTOP)
        asked = run(
            pool, caddy, front.port, [written("/8192", host, PERSON) for host in hosts], options.seconds
        )
        server.send_signal(signal.SIGCONT)
        print(f"people while Crawlight is stopped: longest {asked.longest:.0f} ms, {asked.failed} failed\n")
        crawler = {"User-Agent": GOOGLEBOT, "Accept-Encoding": "gzip"}
        page = f"/v1/render?url={quote('https://example.com/page', safe='')}"
        told = {**crawler, "X-Hadoseo-Client-Ip": "66.249.66.1", "X-Api-Key": key}
        ours, theirs = list[Run](), list[Run]()
        for _ in range(options.rounds):
            ours.append(
                run(pool, caddy, front.port, [written("/page", "example.com", crawler)], options.seconds)
            )
            theirs.append(run(pool, caddy, front.server_port, [written(page, "x", told)], options.seconds))
        show("crawlers, a page in memory", ours, theirs, "front", "/v1/render")
        people = pool.submit(ask, front.port, [written("/8192", host, PERSON) for host in hosts], 15.0)
        took = reload_seconds(front, "example.com")
        failed = people.result()[1]
        print(f"reload: {took:.2f} s until a change shows, {failed} requests of people failed meanwhile")
        print(f"memory of Caddy: {caddy.memory_info().rss / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
