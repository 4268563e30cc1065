"""Edge processes: they answer crawlers and reports, and nothing else. Executed anew by the server, on Granian.

They share the database, the snapshots and the spool with it; the events store they never open, nor load its code.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server import Server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawlight.bots.identity import Identity
from crawlight.edge import counts
from crawlight.edge.app import edge_app
from crawlight.kit.connections import Limits, close_surplus, limits_of, raise_descriptor_limit
from crawlight.kit.logs import configure_logs
from crawlight.runtime.core import open_core
from crawlight.runtime.edge import EdgeServices
from crawlight.runtime.identity import lists_of
from crawlight.runtime.pages import Pages
from crawlight.settings import Settings, load_settings

_PR_SET_PDEATHSIG: Final = 1
_HEAD_MILLISECONDS: Final = 10_000
"""Until a connection is closed that brings no whole head of a request, the first one or a further one."""
_BACKLOG: Final = 4096


class EdgeProcess:
    """The ASGI app of one process: opens its stores when the server starts, closes them at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the life of the process (ASGI)."""
        if self._app is not None and scope["type"] == "http":
            await self._app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with open_edge(self._settings) as self._app:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        complete: Message = {"type": "lifespan.shutdown.complete"}
        await send(complete)


@asynccontextmanager
async def open_edge(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The app over open stores."""
    async with open_core(settings) as core:
        pages = Pages(core)
        edge = EdgeServices(core, pages)
        pages.listen()
        await edge.directory.look()
        tasks = [
            asyncio.create_task(edge.directory.run()),
            asyncio.create_task(_follow_lists(settings, core.identity)),
            asyncio.create_task(_tell_counts(settings, edge)),
            asyncio.create_task(_bound_connections(settings)),
        ]
        try:
            yield edge_app(edge.render, edge.drop_in, edge.directory, edge.event_routes())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await pages.close()


async def _follow_lists(settings: Settings, identity: Identity) -> None:
    """Take over the newer address lists that the server keeps in the data directory."""
    while True:
        await asyncio.sleep(3_600)
        identity.ranges = await asyncio.to_thread(lists_of, settings)


async def _tell_counts(settings: Settings, edge: EdgeServices) -> None:
    """Tell the server what this process has counted, a second after it changed."""
    told = None
    while True:
        current = edge.counts()
        if current != told:
            with suppress(OSError):  # A full disk must not end it.
                counts.write(settings.data_dir / counts.FOLDER, current)
                told = current
        await asyncio.sleep(1)


async def _bound_connections(settings: Settings) -> None:
    """Once a second, close what single addresses have too many of; Granian itself bounds only all of them."""
    limits = _limits(settings)
    while True:
        await asyncio.sleep(1)
        await asyncio.to_thread(close_surplus, settings.edge_port, limits)


def _limits(settings: Settings) -> Limits:
    return limits_of(settings.connections, settings.connections_per_address, settings.trusted_proxies)


def process() -> ASGIApp:
    """The app of one process, for Granian."""
    _die_with_parent()
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    return EdgeProcess(settings)


def _die_with_parent() -> None:
    """Have the system end this process should its parent die, however that comes about."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Run the processes until a signal says stop."""
    _die_with_parent()
    if len(sys.argv) > 1 and os.getppid() != int(sys.argv[1]):
        return  # The server died before we could ask to die with it.
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    raise_descriptor_limit()
    options: dict[str, Any] = {"address": settings.host, "port": settings.edge_port}
    Server(
        "crawlight.edge_server:process",
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.edge_workers,
        # Where HTTP/2 may come, too, nothing bounds how long the first bytes of a connection may take.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS),
        backlog=_BACKLOG,
        backpressure=_limits(settings).most,
        loop=Loops.uvloop,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_enabled=False,
        **options,
    ).serve()


if __name__ == "__main__":
    main()
