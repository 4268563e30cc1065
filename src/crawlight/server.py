"""Serving: a socket, the app on it, and an orderly end on SIGINT or SIGTERM."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import uvicorn

from crawlight.app import create_app
from crawlight.edge_processes import EdgeProcesses
from crawlight.errors import UserError
from crawlight.kit.connections import limits_of
from crawlight.kit.listening import local_url
from crawlight.kit.patient import Connections
from crawlight.runtime.services import Services, running

_PATIENCE_SECONDS = 10
"""How long requests that are being answered may take after the signal to stop."""


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to us: uvicorn would kill the process before the stores are closed."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def listen(host: str, port: int) -> socket.socket:
    """Bind before anything else is opened. Raises UserError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host}:{port}: {_reason(error)}; choose another with --host and --port"
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
    settings = services.settings
    edges = EdgeProcesses(settings)
    limits = limits_of(settings.connections, settings.connections_per_address, settings.trusted_proxies)
    config = uvicorn.Config(
        create_app(services),
        http=Connections(limits).protocol(),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    server = _Server(config, lambda: on_ready(edges.url))

    def stop() -> None:
        server.should_exit = True
        services.closing.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    # Requests must not wait 5 milliseconds, again and again, for threads that count and merge.
    sys.setswitchinterval(0.001)
    # Nor while what lives as long as the process is looked through for garbage.
    gc.freeze()
    async with running(services):
        try:
            await edges.start()
            await server.serve(sockets=[bound])
        finally:
            await edges.stop()
