"""Serving: a socket, the app on it, and an orderly end on SIGINT or SIGTERM."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext, suppress

import uvicorn
from starlette.types import ASGIApp

from crawlight.api.metrics import Metrics
from crawlight.app import create_app, create_metrics_app
from crawlight.domains.pointing import front_name
from crawlight.edge_processes import EdgeProcesses
from crawlight.errors import UserError
from crawlight.kit.connections import limits_of
from crawlight.kit.listening import local_url
from crawlight.kit.patient import Connections
from crawlight.runtime.front import fronting, open_door
from crawlight.runtime.services import Services, running
from crawlight.settings import Settings

_PATIENCE_SECONDS = 10
"""How long requests that are being answered may take after the signal to stop."""


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us: uvicorn would kill the process before the stores are closed."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._ending = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def main_loop(self) -> None:
        """Wait for the end, and keep the header `Date` right; uvicorn's own wakes ten times a second."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._ending.wait()

    def end(self) -> None:
        """Begin to end."""
        self.should_exit = True
        self._ending.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def listen(host: str, port: int, settings: str = "--host and --port") -> socket.socket:
    """Bind before anything else is opened. Raises UserError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host}:{port}: {_reason(error)}; choose another with {settings}"
        ) from None


def _reason(error: OSError) -> str:
    # The message of a failed bind repeats the address; a name that does not resolve has no other text.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


def url_of(bound: socket.socket) -> str:
    """The address under which this machine reaches a bound socket."""
    host, port = bound.getsockname()[:2]
    return local_url(host, port)


async def serve(services: Services, bound: socket.socket, on_ready: Callable[[str], None]) -> None:
    """Serve until a signal says stop; what is being answered then is answered.

    ``on_ready`` is given the address of the edge processes, empty where there are none.
    """
    edges, metrics = EdgeProcesses(services.settings), Metrics()
    main = _Server(_config(create_app(services, metrics), services.settings), lambda: on_ready(edges.url))
    servers = [(main, bound), *_of_metrics(services.settings, metrics), *_of_front(services)]

    def stop() -> None:
        for server, _ in servers:
            server.end()
        services.closing.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    # Requests must not wait 5 milliseconds, again and again, for threads that count and merge.
    sys.setswitchinterval(0.001)
    # Nor while what lives as long as the process is looked through for garbage.
    gc.freeze()
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(running(services))
        if services.settings.front:
            name = await front_name(services.database)
            await opened.enter_async_context(fronting(services.settings, services.edge.directory, name))
        try:
            await edges.start()
            await asyncio.gather(*(server.serve(sockets=[taken]) for server, taken in servers))
        finally:
            await edges.stop()


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    limits = limits_of(settings.connections, settings.connections_per_address, settings.trusted_proxies)
    return uvicorn.Config(
        app,
        http=Connections(limits).protocol(),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )


def _of_metrics(settings: Settings, metrics: Metrics) -> Iterator[tuple[_Server, socket.socket]]:
    """The server of the metrics, where they have an address of their own. Raises UserError where that is taken."""
    if settings.metrics_address and not settings.shows_metrics:
        host, _, port = settings.metrics_address.rpartition(":")
        bound = listen(host.strip("[]"), int(port), "CRAWLIGHT_METRICS_ADDRESS")
        yield _Server(_config(create_metrics_app(metrics), settings), lambda: None), bound


def _of_front(services: Services) -> Iterator[tuple[_Server, socket.socket]]:
    """The server that Caddy asks, where there is a front."""
    if services.settings.front:
        config = _config(services.edge.front_door, services.settings)
        yield _Server(config, lambda: None), open_door(services.settings)
