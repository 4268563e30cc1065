"""What a crawler waits for a hit beside 5,000 connections that say nothing or dribble, on server and edge process."""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from benchmarks import cached
from crawlight.kit.connections import raise_descriptor_limit

BAR_MILLISECONDS = 100


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, int]]:
    """The real command; gives its port and that of its edge process."""
    ports = {"server": cached.free_port(), "edge process": cached.free_port()}
    environment = os.environ | {"CRAWLIGHT_LOG_LEVEL": "error", "CRAWLIGHT_BOTS_REFRESH": "false"}
    options = [
        "--port",
        str(ports["server"]),
        "--edge-workers",
        "1",
        "--edge-port",
        str(ports["edge process"]),
    ]
    command = [sys.executable, "-m", "crawlight", "--data", str(folder), "serve", *options]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            for port in ports.values():
                cached.await_answer(port)
            yield ports
        finally:
            process.terminate()


async def wait_of(port: int, key: str) -> float:
    """Milliseconds from the connection to the end of the answer's head, of a page in memory."""
    page = quote("https://example.com/page", safe="")
    head = (
        f"GET /v1/render?url={page} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nUser-Agent: {cached.GOOGLEBOT}\r\n"
        "X-Hadoseo-Client-Ip: 66.249.66.1\r\nConnection: close\r\n\r\n"
    )
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    waited = (time.perf_counter() - started) * 1000
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer.decode())
    return waited


async def measure(port: int, key: str, count: int, seconds: float) -> list[float]:
    """Waits, one after the other, while the connections are held anew as they are closed; every other one dribbles."""
    idle: list[socket.socket] = []
    end, waits = time.monotonic() + seconds, list[float]()
    while time.monotonic() < end:
        for place in range(count):
            if place >= len(idle):
                idle.append(_connected(port))
                if place % 50 == 0:
                    await asyncio.sleep(0)
            elif place % 2:
                with suppress(OSError):
                    idle[place].send(b"x")
                    continue
                idle[place].close()
                idle[place] = _connected(port)
        waits += [await wait_of(port, key) for _ in range(20)]
    for one in idle:
        one.close()
    return waits


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.setblocking(False)
    made.send(b"GET /v1/render HTTP/1.1\r\nX: ")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks connections", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="of connections")
    parser.add_argument("--seconds", type=float, default=15, help="on each of both")
    options = parser.parse_args()
    raise_descriptor_limit()
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        key = asyncio.run(cached.fill(Path(name)))
        with serving(Path(name)) as ports:
            for what, port in ports.items():
                alone = asyncio.run(measure(port, key, 0, 2))
                waits = asyncio.run(measure(port, key, options.count, options.seconds))
                cuts = quantiles(waits, n=100)
                worst = max(worst, *waits)
                print(
                    f"{what:<14}{len(waits):>5} answers  p50 {cuts[49]:.1f} ms  p99 {cuts[98]:.1f} ms  "
                    f"longest {max(waits):.1f} ms; without other connections p50 {quantiles(alone, n=2)[0]:.1f} ms"
                )
    if worst > BAR_MILLISECONDS:
        sys.exit(f"bar missed: {worst:.0f} ms of {BAR_MILLISECONDS}")


if __name__ == "__main__":
    main()
