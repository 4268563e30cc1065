"""The front of a server: Caddy, kept running and up to date, and the door at which it asks."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from crawlight.edge.directory import Directory
from crawlight.errors import UserError
from crawlight.front.caddy import Caddy
from crawlight.front.config import Place
from crawlight.front.keeper import Front
from crawlight.kit.listening import reachable, socket_path
from crawlight.settings import Settings

FOLDER: Final = "front"
"""Name of the folder in the data directory that has Caddy's files and the sockets."""

_LONGER_THAN_A_RENDER: Final = 2.0


def caddy_of(settings: Settings) -> Caddy:
    """The Caddy that the settings name, or this data directory's own."""
    return Caddy(_folder(settings), settings.front_admin)


def open_door(settings: Settings) -> socket.socket:
    """The socket at which Caddy asks; one that a dead server left is replaced."""
    path = socket_path(_folder(settings), "door")
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(mask)
    return bound


@asynccontextmanager
async def fronting(settings: Settings, directory: Directory, name: str) -> AsyncIterator[None]:
    """Have Caddy serve the domains on the front, for as long as the block runs and after it.

    ``name`` is the front's own (`domains.pointing.front_name`).
    Raises UserError where it cannot.
    """
    front = Front(caddy_of(settings), _place(settings, name), directory.sites, lambda: directory.generation)
    await front.start()
    task = asyncio.create_task(front.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _place(settings: Settings, name: str) -> Place:
    http, https = _address(settings.front_http), _address(settings.front_https)
    if settings.front_tls == "off":
        https = ""
    if not (http or https):
        raise UserError("the front listens nowhere: set CRAWLIGHT_FRONT_HTTP or CRAWLIGHT_FRONT_HTTPS")
    return Place(
        http,
        https,
        settings.front_tls,
        str(socket_path(_folder(settings), "door")),
        _free_port(),
        name,
        settings.render_wait + _LONGER_THAN_A_RENDER,
        tuple(filter(None, (one.strip() for one in settings.trusted_proxies.split(",")))),
        *people_of(settings),
    )


def people_of(settings: Settings) -> tuple[str, str]:
    """The host of the dashboard and where it is answered; empty where it has no public name of its own."""
    public = urlsplit(settings.public_url)
    host = "" if public.port or public.path.strip("/") else public.hostname or ""
    if "." not in host or host.replace(".", "").isdecimal() or not settings.port:
        return "", ""
    at = reachable(settings.host)
    return host, f"[{at}]:{settings.port}" if ":" in at else f"{at}:{settings.port}"


def _address(setting: str) -> str:
    host, _, port = setting.rpartition(":")
    return f"{host}:{port}" if int(port) else ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
        return port


def _folder(settings: Settings) -> Path:
    folder = (settings.data_dir / FOLDER).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
