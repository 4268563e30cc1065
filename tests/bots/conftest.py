from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from crawlight.bots.downloads import download
from crawlight.kit.addresses import parse_networks
from tests.bots.nameserver import NameServer, running


@pytest.fixture
async def nameserver(anyio_backend: str) -> AsyncIterator[NameServer]:
    async with running() as server:
        yield server


class Site:
    """A local HTTP server; ``pages`` maps paths to a status and a body."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.url = ""


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            status, body = served.pages.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


async def from_here(url: str) -> bytes:
    """What operators publish, from this machine instead of the internet."""
    return await download(url, allowed=parse_networks(["127.0.0.0/8"]))
