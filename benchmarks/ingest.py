"""Crawls on the wire to the count: HTTP batches into a server until the export has them, and single records.

The floor is the disk's own rate of fdatasync, of one small write after the other, in the same folder and run.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import psutil
import uvloop
from tests.processes import Crawlight

from crawlight.bots.catalogue import load
from crawlight.bots.identity import Identity
from crawlight.bots.lists import load_ranges
from crawlight.bots.matcher import classify
from crawlight.crawls.crawl import Record
from crawlight.crawls.recorder import Recorder
from crawlight.crawls.spool import Spool
from crawlight.edge.endpoints.entries import Entry, record_of
from crawlight.ids import DomainId
from crawlight.kit.urls import split_url

BATCH = 100
RATE_BAR, P99_BAR, SINGLES_BAR = 20_000, 50.0, 5_000
DOMAINS = 20
PAGES = 2_000
CONNECTIONS = 8
SYNCS = 2_000
EXPORT, CRAWL = "/functions/v1/export-user-analytics", "/v1/event/crawl"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks ingest", description=__doc__.splitlines()[0])
    parser.add_argument("--crawls", type=int, default=400_000, help="crawls sent over HTTP (400000)")
    parser.add_argument("--singles", type=int, default=50_000, help="single records in process (50000)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crawlight-bench-"))
    try:
        disk = sync_rate(folder)
        print(f"disk: {disk:,.0f} fdatasync/s of one 300-byte write each")
        asyncio.run(singles(folder, options.singles))
        uvloop.run(batches(folder, options.crawls))
    finally:
        shutil.rmtree(folder)


def sync_rate(folder: Path) -> float:
    file = os.open(folder / "floor", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(file, 0, SYNCS * 300)
    started = time.perf_counter()
    for number in range(SYNCS):
        os.pwrite(file, b"x" * 300, number * 300)
        os.fdatasync(file)
    spent = time.perf_counter() - started
    os.close(file)
    return SYNCS / spent


def made(count: int) -> list[dict[str, object]]:
    """Crawls as a server would report them, by real user agents and from addresses on their lists."""
    draw, ranges = random.Random(1), load_ranges()
    agents = [
        (f"Mozilla/5.0 (compatible; {agent.tokens[0]}/1.0)", agent) for agent in load().agent if agent.key
    ]
    agents = [(text, agent) for text, agent in agents if classify(text) is agent]
    entries = []
    for _ in range(count):
        text, agent = draw.choice(agents)
        lists = ranges.named(agent.ranges)
        prefix = draw.choice(lists).listing.prefixes[0] if lists else "192.0.2.1/32"
        url = f"https://site{draw.randrange(DOMAINS)}.example/articles/{int(PAGES ** draw.random())}"
        entries.append({"url": url, "userAgent": text, "ip": prefix.partition("/")[0], "status": 200})
    return entries


async def singles(folder: Path, count: int) -> None:
    """What an edge does with a crawl, without HTTP: page, agent, identity, record, one call each."""
    recorder, identity = Recorder(Spool(folder / "singles")), Identity(load_ranges())
    entries = [Entry(one["url"], one["userAgent"], one["ip"]) for one in made(min(count, 5_000))]  # type: ignore[arg-type]
    waits: list[float] = []
    numbers = iter(range(count))

    async def lane() -> None:
        for number in numbers:
            entry, started = entries[number % len(entries)], time.perf_counter()
            _, path = split_url(entry.url) or ("", "")
            record = record_of(entry, None, DomainId(1), path, identity, time.time())
            assert isinstance(record, Record)
            await recorder.record([record])
            waits.append(time.perf_counter() - started)

    before, started = cpu(), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(64)))
    rate, spent = count / (time.perf_counter() - started), cpu() - before
    await recorder.close()
    print(
        f"singles in process: {rate:,.0f}/s, 64 at a time; {spent / count * 1e6:.0f} CPU µs each; {waited(waits)}"
    )
    print(f"  {'PASS' if rate >= SINGLES_BAR else 'under'} (bar {SINGLES_BAR:,}/s)")


async def batches(folder: Path, count: int) -> None:
    """The whole way, the server and those who call it on the same machine."""
    crawlight = Crawlight(folder / "data")
    crawlight.run("user", "add", "me@example.org", "--plan", "pro")
    for number in range(DOMAINS):
        crawlight.run("domain", "add", f"site{number}.example", "--owner", "me@example.org")
    key = crawlight.run("key", "create", "--user", "me@example.org", "--name", "bench").strip()
    (folder / "data" / "crawlight.toml").write_text(
        'crawl_events_per_minute = 1000000\nlog_level = "error"\nbots_refresh = false\n'
    )
    entries = made(20_000)
    bodies = [json.dumps(entries[at : at + BATCH]).encode() for at in range(0, len(entries), BATCH)]
    with crawlight.serve() as server:
        calls = [Call.of(server.url, key, CRAWL, body) for body in bodies]
        nothing = Call.of(server.url, key, "/healthz")
        client = aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {key}"})
        async with client:
            await send(calls, 20_000)
            await counted(client, 20_000)
            process = psutil.Process(server.process.pid)
            before, started = sum(process.cpu_times()[:2]), time.perf_counter()
            waits = await send(calls, count)
            accepted = time.perf_counter() - started
            await counted(client, 20_000 + count)
            spent = time.perf_counter() - started
            used = sum(process.cpu_times()[:2]) - before
            paced = await send(calls, count, RATE_BAR)
            floor = await send([nothing], count, RATE_BAR)
            await counted(client, 20_000 + 2 * count)
    print(f"HTTP batches of {BATCH}, {CONNECTIONS} connections, {count:,} crawls on {os.cpu_count()} cores:")
    print(f"  accepted {count / accepted:,.0f}/s; in the export {count / spent:,.0f}/s;", end=" ")
    print(f"{used / count * 1e6:.0f} CPU µs each; {waited(waits)}")
    print(f"  {'PASS' if count / spent >= RATE_BAR else 'under'} (bar {RATE_BAR:,}/s)")
    p99 = quantiles(paced, n=100)[98] * 1000
    print(f"  at {RATE_BAR:,}/s: {waited(paced)}")
    print(f"  as many calls of /healthz as often, the server's other work done: {waited(floor)}")
    print(f"  {'PASS' if p99 <= P99_BAR else 'over'} (bar p99 {P99_BAR:.0f} ms)")


@dataclass(frozen=True)
class Call:
    """A call as it goes over the wire, written before the clock runs: its cost is the server's, not the client's."""

    host: str
    port: int
    data: bytes
    status: bytes

    @classmethod
    def of(cls, url: str, key: str, path: str, body: bytes | None = None) -> Self:
        parts = urlsplit(url)
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        head += f"Authorization: Bearer {key}\r\nContent-Length: {len(body or b'')}\r\n\r\n"
        status = b"HTTP/1.1 200" if body is None else b"HTTP/1.1 202"
        return cls(str(parts.hostname), int(parts.port or 80), head.encode() + (body or b""), status)


async def send(calls: list[Call], count: int, rate: int = 0) -> list[float]:
    """Send so many crawls, as fast as they are accepted or so many a second; seconds of each acknowledgement."""
    waits: list[float] = []
    numbers, begun = iter(range(count // BATCH)), time.perf_counter()

    async def lane() -> None:
        reader, writer = await asyncio.open_connection(calls[0].host, calls[0].port)
        for number in numbers:
            if rate:
                await asyncio.sleep(max(0.0, begun + number * BATCH / rate - time.perf_counter()))
            call, started = calls[number % len(calls)], time.perf_counter()
            writer.write(call.data)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            assert head.startswith(call.status), head + body
            waits.append(time.perf_counter() - started)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(lane() for _ in range(CONNECTIONS)))
    return waits


async def counted(client: aiohttp.ClientSession, count: int) -> None:
    """Wait until the export has every crawl."""
    while True:
        async with client.post(EXPORT, data=b'{"period": "7d"}') as answer:
            domains = (await answer.json())["domains"]
        found = sum(domain["summary"]["totalCrawls"] for domain in domains)
        if found >= count:
            assert found == count, f"{found:,} counted, {count:,} sent"
            return
        await asyncio.sleep(1.1)  # The export has 60 calls a minute.


def waited(waits: list[float]) -> str:
    return f"acknowledged in {median(waits) * 1000:.1f} ms, p99 {quantiles(waits, n=100)[98] * 1000:.1f} ms"


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
