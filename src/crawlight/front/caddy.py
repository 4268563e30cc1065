"""Caddy as a program: found on the machine, started, told its configuration over its admin interface, ended."""

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from crawlight.errors import UserError
from crawlight.front.config import Json
from crawlight.kit.listening import socket_path

MISSING: Final = "the front needs Caddy, and there is none on this machine: `apt install caddy` brings it"

_SECONDS: Final = 30.0
_READY_SECONDS: Final = 10.0


class CaddyError(Exception):
    """Caddy refused something; the message is its own."""


class Caddy:
    """One Caddy, by its admin interface: ``unix:/PATH`` or ``http://HOST:PORT`` of somebody's, or one started here.

    What one started here needs is in ``folder``: its socket, its certificates, and the configuration that it had last,
    with which it starts.
    """

    def __init__(self, folder: Path, admin: str = "") -> None:
        self.own = not admin
        self._folder = folder
        self._socket = str(socket_path(folder, "admin")) if self.own else admin.removeprefix("unix:")
        self._process: subprocess.Popen[bytes] | None = None
        self._over_network = admin.startswith("http://")

    async def load(self, apps: Json) -> None:
        """Have Caddy go on with these apps; no connection is dropped. Raises CaddyError where it refuses them.

        Raises OSError where it is not there.
        """
        if self.own:
            self._keep(apps)
        await self._ask("POST", "/config/apps", apps)

    async def alive(self) -> bool:
        """Whether it answers."""
        try:
            await self._ask("GET", "/config/admin")
        except OSError:
            return False
        return True

    async def holds(self, apps: Json) -> bool:
        """Whether it still has what it was told, as far as ports tell: one that somebody started anew has not."""
        for name in ("http_port", "https_port"):
            try:
                has = await self._ask("GET", f"/config/apps/http/{name}")
            except CaddyError:
                return False
            if has != apps["http"].get(name):
                return False
        return True

    async def start(self, apps: Json) -> None:
        """Start one that outlives this process. Raises UserError where there is none, or where it does not start."""
        program = shutil.which("caddy")
        if program is None:
            raise UserError(MISSING)
        self._keep(apps)
        self._process = await asyncio.to_thread(self._begin, program)
        await self._ready(self._process)

    async def stop(self) -> bool:
        """End it; answers whether there was one."""
        try:
            await self._ask("POST", "/stop")
        except OSError:
            return False
        if self._process is not None:
            await asyncio.to_thread(self._process.wait, _READY_SECONDS)
        return True

    @property
    def _file(self) -> Path:
        return self._folder / "caddy.json"

    def _keep(self, apps: Json) -> None:
        """Write down what Caddy starts with, should it have to start without us."""
        whole = {
            "admin": {"listen": f"unix/{self._socket}", "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "WARN"}}},
            "storage": {"module": "file_system", "root": str(self._folder / "certificates")},
            "apps": apps,
        }
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_bytes(msgspec.json.encode(whole))
        part.replace(self._file)

    def _begin(self, program: str) -> "subprocess.Popen[bytes]":
        Path(self._socket).unlink(missing_ok=True)  # A dead one's.
        with (self._folder / "caddy.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own words
                (program, "run", "--config", self._file),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the server. People are to get their sites without it, too.
                env=os.environ | {"XDG_DATA_HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)},
                umask=0o077,
            )

    async def _ready(self, process: "subprocess.Popen[bytes]") -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_READY_SECONDS):
                while process.poll() is None:
                    if await self.alive():
                        return
                    await asyncio.sleep(0.05)
        raise UserError(f"Caddy does not start: {self._said()}")

    def _said(self) -> str:
        """The last thing that Caddy wrote, for a person."""
        lines = (self._folder / "caddy.log").read_text(errors="replace").splitlines()
        return lines[-1].removeprefix("Error: ") if lines else "it says nothing"

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """What its admin interface answers. Raises CaddyError where it refuses, OSError where it is not there."""
        import aiohttp  # Loads slowly, and most servers have no front.

        url, headers = (
            (f"{self._socket}{path}", {}) if self._over_network else (f"http://caddy{path}", {"Host": ""})
        )
        connector = None if self._over_network else aiohttp.UnixConnector(self._socket)
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            data = None if body is None else msgspec.json.encode(body)
            sent = {**headers, "Content-Type": "application/json"}
            try:
                async with session.request(method, url, data=data, headers=sent) as answer:
                    came = await answer.read()
                    if answer.status >= 400:
                        raise CaddyError(_reason(came))
                    return msgspec.json.decode(came) if came.strip() else None
            except (aiohttp.ClientError, TimeoutError) as error:
                raise ConnectionError(str(error)) from None


def _reason(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["error"])
    except (msgspec.DecodeError, TypeError, KeyError):
        return body[:300].decode(errors="replace")
