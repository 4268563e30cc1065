"""A server with a front of its own before a site on loopback: real processes, a real Caddy."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from crawlight.database.engine import Database
from crawlight.domains.fronting import set_origin
from crawlight.domains.registry import find_domain
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from tests.front import origin
from tests.processes import Crawlight
from tests.servers import free_port

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
PERSON = {"User-Agent": BROWSER, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
CRAWLER = {"User-Agent": GOOGLEBOT}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((text for key, text in self.headers if key.lower() == name.lower()), None)

    @property
    def seen(self) -> Any:
        """What the origin was asked."""
        return json.loads(self.body)

    def seen_header(self, name: str) -> list[str]:
        return [text for key, text in self.seen["headers"] if key.lower() == name.lower()]


@dataclass
class Front:
    crawlight: Crawlight
    port: int
    origin: int

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] = PERSON,
        *,
        host: str = "example.com",
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Host": host, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def caddy(self) -> psutil.Process:
        config = str(self.crawlight.data / "front" / "caddy.json")
        (found,) = [
            one
            for one in psutil.process_iter(["cmdline"])
            if config in (one.info["cmdline"] or []) and one.is_running()
        ]
        return found

    def set(self, *options: str, host: str = "example.com") -> None:
        self.crawlight.run("domain", "set", host, *options)


def wait(ready: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)


def up(front: Front) -> bool:
    """Whether the domain's site answers."""
    try:
        return front.ask("/").status == 200
    except OSError:
        return False


async def put(data: Path, host: str, path: str, html: bytes) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{data}/crawlight.sqlite")
    try:
        domain = await find_domain(database, host)
        snapshots = Snapshots(database, Bodies(f"file://{data}/snapshots"))
        await snapshots.put(domain.id, path, NewSnapshot(status=200, html=html, raw_html=b""))
        await snapshots.close()
    finally:
        await database.close()


async def move(data: Path, host: str, origin: str) -> None:
    """Give a domain an origin that nobody checks."""
    database = await Database.open(f"sqlite+aiosqlite:///{data}/crawlight.sqlite")
    try:
        await set_origin(database, (await find_domain(database, host)).id, origin)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The front of example.com, whose page / has a snapshot; no server runs yet, and at the end no Caddy."""
    port = free_port()
    data = tmp_path_factory.mktemp("front") / "data"
    crawlight = Crawlight(
        data, FRONT_HTTP=f"127.0.0.1:{port}", FRONT_TLS="off", RENDER_WAIT="1", BOTS_REFRESH="false"
    )
    crawlight.site()
    asyncio.run(put(data, "example.com", "/", b"<h1>The snapshot</h1>"))
    with origin.serving() as behind:
        front = Front(crawlight, port, behind)
        front.set("--front", "on", "--origin", f"http://127.0.0.1:{behind}")
        try:
            yield front
        finally:
            crawlight.run("front", "stop")


@pytest.fixture(scope="module")
def front(made: Front) -> Iterator[Front]:
    """The same with a server."""
    with made.crawlight.serve("--front"):
        yield made
