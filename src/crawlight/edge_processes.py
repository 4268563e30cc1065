"""Starts edge processes beside a server, keeps them running, and ends them with it."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

import structlog

from crawlight.edge import counts
from crawlight.errors import UserError
from crawlight.kit.listening import local_url, reachable
from crawlight.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

_READY_SECONDS: Final = 60.0
_PATIENCE_SECONDS: Final = 15.0
_AGAIN_SECONDS: Final = 1.0


class EdgeProcesses:
    """The edge processes of one server: none where the settings want none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._port = settings.edge_port or _free_port(settings.host)
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where they answer; empty where there are none."""
        return local_url(self._settings.host, self._port) if self._settings.edge_workers else ""

    async def start(self) -> None:
        """Start them, and wait until they answer. Raises UserError where they do not."""
        counts.clear(self._settings.data_dir / counts.FOLDER)
        if not self._settings.edge_workers:
            return
        _check_free(self._settings.host, self._port)
        self._process = await self._begin()
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._ready(self._process)
        except TimeoutError:
            await self.stop()
            raise UserError("the edge processes do not answer; the log says why") from None
        self._keeper = asyncio.create_task(self._keep(self._process))

    async def stop(self) -> None:
        """End them: what is being answered is answered."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _begin(self) -> asyncio.subprocess.Process:
        chosen = {
            "DATA_DIR": str(self._settings.data_dir),
            "HOST": self._settings.host,
            "EDGE_PORT": str(self._port),
            "EDGE_WORKERS": str(self._settings.edge_workers),
        }
        environment = os.environ | {PREFIX + name: text for name, text in chosen.items()}
        command = (sys.executable, "-m", "crawlight.edge_server", str(os.getpid()))
        # A session of their own: Ctrl-C is for the server, which then ends them.
        return await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(reachable(self._settings.host), self._port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise UserError("the edge processes ended at once; the log says why")

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        """Start them again where their supervisor dies; it does the same for each of them."""
        while True:
            status = await process.wait()
            log.error("edge_processes_died", status=status)
            await asyncio.sleep(_AGAIN_SECONDS)
            process = self._process = await self._begin()


def _check_free(host: str, port: int) -> None:
    """Raise UserError where another program listens there: edge processes share their port among themselves."""
    try:
        _bind(host, port).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UserError(
            f"cannot listen on {host}:{port}: {reason}; choose another with --edge-port"
        ) from None


def _free_port(host: str) -> int:
    with _bind(host, 0) as bound:
        port: int = bound.getsockname()[1]
        return port


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)
