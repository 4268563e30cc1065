"""A Node app behind the front, over TLS, with a real browser and raw connections."""

import asyncio
import hashlib
import http.client
import queue
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.front import origin
from tests.front.conftest import CRAWLER, PERSON, Front, put
from tests.integrations.node import node as node_command
from tests.processes import Crawlight
from tests.servers import free_port

HEAD = "Host: example.com\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n"


class Node:
    """The running app; ``said`` has its lines, but the first."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self.said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def forgets(self) -> None:
        """What was said so far is of no interest."""
        self.said.queue.clear()

    def waits_for(self, line: str) -> None:
        while self.said.get(timeout=10) != line:
            pass

    def _read(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.said.put(line.strip())


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    command: list[str | Path] = [*node_command(), Path(__file__).parent / "origin.mjs"]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        with process.stdin:  # It ends when that is closed.
            yield Node(process)


@pytest.fixture(scope="module")
def front(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The front of example.com over TLS; ``port`` is that of https."""
    https = free_port()
    settings = {"FRONT_HTTP": "0", "FRONT_HTTPS": f"127.0.0.1:{https}", "FRONT_TLS": "internal"}
    data = tmp_path_factory.mktemp("node") / "data"
    crawlight = Crawlight(data, BOTS_REFRESH="false", RENDER_WAIT="0", **settings)
    crawlight.site()
    made = Front(crawlight, https, node.port)
    made.set("--front", "on", "--origin", f"http://127.0.0.1:{node.port}", "--identity", "strict")
    asyncio.run(put(data, "example.com", "/", b"<h1>The snapshot</h1>"))
    try:
        with crawlight.serve("--front"):
            yield made
    finally:
        crawlight.run("front", "stop")


def connected(front: Front) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", front.port), timeout=20)
    return context.wrap_socket(plain, server_hostname="example.com")


def ask(front: Front, path: str, head: str = HEAD) -> bytes:
    """All bytes that come for a GET."""
    with connected(front) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        came = b""
        while piece := client.recv(65536):
            came += piece
    return came


def requests(front: Front) -> http.client.HTTPSConnection:
    connection = http.client.HTTPSConnection("127.0.0.1", front.port, timeout=30)
    connection.sock = connected(front)
    return connection


def test_a_browser_uses_events_websocket_and_uploads(front: Front) -> None:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    rules = f"--host-resolver-rules=MAP example.com:443 127.0.0.1:{front.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", rules])
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto("https://example.com/")
        page.wait_for_function("document.title != 'waits'", timeout=20_000)
        counted = hashlib.sha256(bytes([7]) * 1_000_000).hexdigest()[:8]
        assert page.title() == f"0 from the page echo {counted} true"
        timing = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert page.evaluate(timing) == "h2"
        browser.close()


def test_early_hints_harm_no_answer(front: Front) -> None:
    """Whether they are passed on is Caddy's affair: before 2.7 it drops them."""
    came = ask(front, "/hints")
    *hints, last = came.split(b"HTTP/1.1 ")[1:]
    assert all(one.startswith(b"103 ") for one in hints)
    assert last.startswith(b"200 ")
    assert b"after the hints" in last


def test_trailers_come_behind_the_body(front: Front) -> None:
    head, _, body = ask(front, "/trailers").partition(b"\r\n\r\n")
    assert b"trailer: x-sum" in head.lower()
    assert body == b"a\r\nwith a sum\r\n0\r\nX-Sum: 42\r\n\r\n"


def test_ranges_pass(front: Front) -> None:
    head, _, body = ask(front, "/range", HEAD + "Range: bytes=5-14\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206 ")
    assert b"content-range: bytes 5-14/100" in head.lower()
    assert body == b"5678901234"


def test_a_hundred_megabytes_go_both_ways_over_tls(front: Front) -> None:
    whole = hashlib.sha256(origin.PIECE * origin.PIECES).hexdigest()
    length = {"Content-Length": str(len(origin.PIECE) * origin.PIECES)}
    connection = requests(front)
    pieces = (origin.PIECE for _ in range(origin.PIECES))
    connection.request("PUT", "/upload", pieces, {"Host": "example.com", **PERSON, **length})
    assert connection.getresponse().read().decode() == whole
    connection.request("GET", "/download", headers={"Host": "example.com", **PERSON})
    answer, digest = connection.getresponse(), hashlib.sha256()
    while piece := answer.read(1 << 20):
        digest.update(piece)
    assert digest.hexdigest() == whole
    connection.close()


def test_a_visitor_who_goes_ends_the_request_at_the_origin(front: Front, node: Node) -> None:
    node.forgets()
    with connected(front) as client:
        client.sendall(f"GET /events HTTP/1.1\r\n{HEAD}\r\n".encode())
        came = b""
        while b"data: more" not in came:
            came += client.recv(65536)
    node.waits_for("closed /events")


def test_an_upload_that_breaks_off_never_looks_whole(front: Front, node: Node) -> None:
    node.forgets()
    with connected(front) as client:
        client.sendall(f"PUT /upload HTTP/1.1\r\n{HEAD}Content-Length: 1000000\r\n\r\n".encode())
        client.sendall(b"x" * 1000)
        node.waits_for("began /upload")
    node.waits_for("cut /upload")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "x-hadoseo-client-ip", "Forwarded"])
def test_an_address_that_a_visitor_makes_up_proves_no_crawler(front: Front, name: str) -> None:
    """66.249.66.1 is Googlebot's. `test_admin` has the same where the peer is trusted."""
    connection = requests(front)
    connection.request("GET", "/", headers={"Host": "example.com", **CRAWLER, name: "66.249.66.1"})
    assert b"<title>waits</title>" in connection.getresponse().read()
    connection.close()
