"""Two real servers on one PostgreSQL and one events store: what is done for all is done by one of them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.clickhouse import ClickHouse
from tests.processes import Crawlight

NODE = """
import asyncio, functools, os, pathlib, sys
import msgspec
from crawlight.cli.main import main
from crawlight.runtime import services
from crawlight.runtime.jobs import Jobs

SHARED = pathlib.Path({shared!r})

def note(what):  # One write, so that what two processes say never mixes.
    with open(SHARED / "log", "ab", buffering=0) as log:
        log.write(f"{{what}} {{os.getpid()}}\\n".encode())

async def upkeep():
    note("begin")
    await asyncio.sleep(0.02)
    while (SHARED / "hang").exists():
        await asyncio.sleep(0.02)
    note("end")

def often(opened, real=services.Services.jobs):
    found = [msgspec.structs.replace(one, every=0.1) for one in real(opened)]
    return [msgspec.structs.replace(one, work=upkeep) if one.name == "retention" else one for one in found]

services.Services.jobs = often
services.Jobs = functools.partial(Jobs, lease=3.0)
main()
"""
"""The real command, with jobs every tenth of a second, leases of three, and retention that says when it is done."""

EMPTY = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'


class Nodes:
    """Nodes with a data directory each, and what retention wrote."""

    def __init__(self, folder: Path, database: str, events: str) -> None:
        self.folder = folder
        self._settings = {"DATABASE_URL": database, "EVENTS_URL": events, "BOTS_REFRESH": "false"}
        self._program = ("-c", NODE.format(shared=str(folder)))

    def node(self, name: str) -> Crawlight:
        made = Crawlight(self.folder / name, **self._settings)
        made.program = self._program
        return made

    def told(self) -> list[tuple[str, int]]:
        """What was begun and ended, and by which process, in its order."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(what, int(process)) for what, process in (line.split() for line in lines)]

    def until(self, condition: Callable[[list[tuple[str, int]]], bool]) -> list[tuple[str, int]]:
        end = time.monotonic() + 60
        while not condition(self.told()):
            assert time.monotonic() < end, self.told()
            time.sleep(0.02)
        return self.told()


@pytest.fixture
def nodes(tmp_path: Path, postgresql_url: str, clickhouse_server: ClickHouse) -> Nodes:
    return Nodes(tmp_path, postgresql_url, clickhouse_server.database())


@pytest.fixture
def origin() -> Iterator[tuple[str, list[str]]]:
    """A site whose sitemap is empty, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path == "/sitemap.xml" else 404)
            self.end_headers()
            self.wfile.write(EMPTY if self.path == "/sitemap.xml" else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def in_turns(told: list[tuple[str, int]]) -> bool:
    """Whether nobody began before the one before had ended."""
    pairs = list(zip(told[::2], told[1::2], strict=False))
    return all((a[0], b[0]) == ("begin", "end") and a[1] == b[1] for a, b in pairs)


def test_jobs_are_done_by_one_node_and_go_on_when_it_dies(
    nodes: Nodes, origin: tuple[str, list[str]]
) -> None:
    first, second = nodes.node("first"), nodes.node("second")
    first.run("user", "add", "me@example.org", "--plan", "pro")
    first.run("domain", "add", "example.com", "--owner", "me@example.org", "--origin", origin[0])
    first.run("domain", "set", "example.com", "--allow", "127.0.0.0/8")
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        # Both find an empty events store, and sitemaps to read.
        servers = list(pool.map(lambda node: stack.enter_context(node.serve()), (first, second)))
        told = nodes.until(lambda log: len(log) >= 40)
        assert in_turns(told)
        _until_read(origin[1])

        (nodes.folder / "hang").touch()
        hanging = nodes.until(lambda log: log[-1][0] == "begin" and _stands(nodes, len(log)))
        dead = next(one for one in servers if one.process.pid == hanging[-1][1])
        alive = next(one for one in servers if one is not dead)
        dead.process.kill()
        (nodes.folder / "hang").unlink()
        told = nodes.until(lambda log: len(log) >= len(hanging) + 4)[len(hanging) :]
        assert {process for _, process in told} == {alive.process.pid}
        assert in_turns(told)
        assert origin[1].count("/sitemap.xml") == 1


def _stands(nodes: Nodes, length: int) -> bool:
    """Whether what was begun does not end by itself: many times as long as it takes."""
    time.sleep(0.5)
    return len(nodes.told()) == length


def _until_read(asked: list[str]) -> None:
    end = time.monotonic() + 60
    while "/sitemap.xml" not in asked:
        assert time.monotonic() < end, asked
        time.sleep(0.02)
