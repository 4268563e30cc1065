"""Logs that nginx and Caddy wrote themselves, of requests as crawlers and scanners send them."""

from pathlib import Path

import pytest

from crawlight.kit import clock
from tests.ingest.conftest import Place
from tests.ingest.test_importing import CHROME, GPTBOT
from tests.ingest.webservers import caddy, nginx, send, wait_until

pytestmark = pytest.mark.anyio


def head(
    target: bytes = b"/", agent: str | bytes | None = GPTBOT, host: str = "example.com", method: str = "GET"
) -> bytes:
    named = agent.encode() if isinstance(agent, str) else agent
    lines = [
        b"%s %s HTTP/1.1" % (method.encode(), target),
        b"Host: " + host.encode(),
        b"Connection: close",
        *([b"User-Agent: " + named] if named is not None else []),
    ]
    return b"\n".join(lines)


REQUESTS = [
    head(b"/a?b=1&a=2&utm_source=x"),
    head(b"/%C3%A9t%C3%A9"),
    head("/été".encode()),
    head(b"/\xff\xfe"),
    head(b"/gone"),
    head(b'/q"uote\\back'),
    head(agent='Googlebot/2.1 "quoted" \\ back'),
    head(b"/", CHROME),
    head(b"/lib", None),
    head(b"/robots.txt"),
    head(b"/x.css"),
    head(b"/post", method="POST"),
    head(b"/b", host="www.example.com"),
]
OF_OTHERS = [head(b"/c", host="other.example"), head(b"/d", CHROME, "other.example")]
SEEN = [
    ("crawl", "GPTBot", 200, "/%C3%A9t%C3%A9"),
    ("crawl", "GPTBot", 200, "/%C3%A9t%C3%A9"),
    ("crawl", "GPTBot", 200, "/%FF%FE"),
    ("crawl", "GPTBot", 200, "/a?a=2&b=1"),
    ("crawl", "GPTBot", 200, "/b"),
    ("crawl", "GPTBot", 200, "/q%22uote/back"),
    ("crawl", "GPTBot", 410, "/gone"),
    ("crawl", "Googlebot", 200, "/"),
    ("library", "(empty)", 200, "/lib"),
    ("robots", "GPTBot", 200, "/robots.txt"),
]
OTHER = ("crawl", "GPTBot", 200, "/c")


def seen(place: Place) -> list[tuple[str, str, int, str]]:
    return sorted((row.kind, row.agent, row.status, row.path) for row in place.rows())


@pytest.fixture(scope="module")
def nginx_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nginx")
    with nginx(folder) as port:
        send(port, *REQUESTS, *OF_OTHERS)
        wait_until(lambda: (folder / "request.log").read_bytes().count(b"\n") == len(REQUESTS + OF_OTHERS))
    return folder


@pytest.mark.parametrize(
    ("name", "title", "others"),
    [
        ("combined", "Apache/nginx combined", [OTHER]),
        ("vhost", "combined with virtual host", []),
        ("nginx-json", "JSON", []),
        ("request", "JSON", [OTHER]),
    ],
)
async def test_logs_of_nginx(
    place: Place, nginx_logs: Path, name: str, title: str, others: list[tuple[str, str, int, str]]
) -> None:
    imported = await place.import_file(nginx_logs / f"{name}.log")
    buckets = imported.staged.buckets
    assert imported.format == title
    assert seen(place) == sorted(SEEN + others)
    # A format without hosts cannot tell whose lines they are.
    assert (buckets["people"], buckets["other_hosts"]) == ((2, 0) if others else (1, 2))
    assert buckets.total() == imported.staged.lines == len(REQUESTS + OF_OTHERS)


@pytest.mark.parametrize("time_format", ["", "rfc3339_nano", "unix_milli_float"])
async def test_logs_of_caddy(place: Place, tmp_path: Path, time_format: str) -> None:
    log, before = tmp_path / "caddy.log", clock.now().replace(microsecond=0)
    with caddy(tmp_path, time_format) as port:
        heads = [one.replace(b"\nConnection", b":%d\nConnection" % port) for one in REQUESTS + OF_OTHERS]
        send(port, *heads)
        wait_until(lambda: log.exists() and log.read_bytes().count(b"handled request") == len(heads))
    imported = await place.import_file(log)
    # What is no UTF-8 is lost in Caddy's log.
    lost = {"/%FF%FE": "/%EF%BF%BD%EF%BF%BD"}
    assert imported.format == "Caddy JSON"
    assert seen(place) == sorted((*row[:3], lost.get(row[3], row[3])) for row in SEEN)
    assert (imported.staged.buckets["people"], imported.staged.buckets["other_hosts"]) == (1, 2)
    assert all(before <= row.ts <= clock.now() for row in place.rows())
