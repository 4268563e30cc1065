"""A real server before a real site, for integrations that are asked over the wire."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, NamedTuple

import pytest
import uvicorn
from aiohttp import web

from crawlight.app import create_app
from tests.edge.rendered import Edge, rendering_edge
from tests.integrations import node


class Running(NamedTuple):
    """A server, and what it works on; ``do`` awaits something in its event loop."""

    edge: Edge
    url: str
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server and the site in a thread with an event loop of its own, as integrations are asked synchronously."""
    node.packages()
    started, stop, found = threading.Event(), threading.Event(), list[Running]()

    async def serve() -> None:
        async with rendering_edge(tmp_path_factory.mktemp("integrations") / "data") as edge:
            bound = socket.create_server(("127.0.0.1", 0))
            config = uvicorn.Config(create_app(edge.services), lifespan="off", log_config=None)
            server = uvicorn.Server(config)
            server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            serving = asyncio.create_task(server._serve([bound]))
            edge.page("/", "Home")
            edge.page("/soft", "Nothing", '<meta name="prerender-status-code" content="404">')

            async def moved(_: web.Request) -> web.Response:
                return web.Response(status=301, headers={"Location": "/"})

            edge.origin.pages["/moved"] = moved
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            found.append(Running(edge, url, asyncio.get_running_loop()))
            started.set()
            await asyncio.to_thread(stop.wait)
            server.should_exit = True
            await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(60)
    yield found[0]
    stop.set()
    thread.join(60)
