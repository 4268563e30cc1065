"""The front of a server: Caddy, kept running and up to date, and the door at which it asks."""

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import structlog

from crawlight.database.engine import Database
from crawlight.domains.front_states import look
from crawlight.domains.pointing import OwnFront, front_name
from crawlight.domains.proof import Outside
from crawlight.domains.sites import Site
from crawlight.edge.directory import Directory
from crawlight.errors import UserError
from crawlight.front.caddy import Caddy
from crawlight.front.check import Here
from crawlight.front.config import Place
from crawlight.front.keeper import Front
from crawlight.kit.addresses import is_public, parse_networks
from crawlight.kit.listening import free_port, reachable, socket_path
from crawlight.runtime.jobs import Job
from crawlight.settings import Settings

log = structlog.get_logger(__name__)
FOLDER: Final = "front"
"""Name of the folder in the data directory that has Caddy's files and the sockets."""

_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
CERTIFICATES: Final = f"{FOLDER}/certificates"
"""Folder in the data directory in which Caddy keeps certificates, their keys, and its accounts at authorities."""

_LOOKED_AT_EVERY: Final = 300.0
_LOOKS_AT_ONCE: Final = 16
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


async def here_of(settings: Settings, database: Database) -> Here:
    """What a check of a domain has to know of this front."""
    return Here(_trial_place(settings, await front_name(database)), own_front(settings))


def own_front(settings: Settings) -> OwnFront:
    """What the settings say of the front."""
    root = (settings.data_dir / CERTIFICATES / "pki/authorities/local/root.crt").absolute()
    roots = str(root) if settings.front_tls == "internal" else ""
    return OwnFront(settings.front, settings.front_tls, roots, _targets(settings))


def watch(settings: Settings, database: Database, directory: Directory, outside: Outside) -> Job:
    """The job that looks where the domains on the front point, and at their certificates."""
    front = own_front(settings)

    async def look_at_all() -> None:
        turns = asyncio.Semaphore(_LOOKS_AT_ONCE)

        async def turn(site: Site) -> None:
            networks = parse_networks(site.settings.allowed_networks)
            async with turns:
                try:
                    await look(outside, database, site.id, site.host, front, networks)
                except Exception:  # Of one domain; the others are looked at all the same.
                    log.exception("front_state_unknown", host=site.host)

        await asyncio.gather(*(turn(site) for site in directory.sites() if site.settings.front))

    return Job("front-states", _LOOKED_AT_EVERY, "edge", True, look_at_all)


def _targets(settings: Settings) -> tuple[str, ...]:
    if settings.front_addresses:
        return tuple(filter(None, map(str.strip, settings.front_addresses.split(","))))
    own = [one.address for some in psutil.net_if_addrs().values() for one in some if one.family in _FAMILIES]
    return tuple(one for one in own if is_public(ipaddress.ip_address(one.partition("%")[0])))


def _trial_place(settings: Settings, name: str) -> Place:
    """Where a front stands that is there for a check only: as this one, on a port of its own, with TLS."""
    https = f"127.0.0.1:{free_port()}"
    return Place("", https, "internal", _door(settings), free_port(), name, _wait(settings))


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
        _door(settings),
        free_port(),
        name,
        _wait(settings),
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


def _door(settings: Settings) -> str:
    return str(socket_path(_folder(settings), "door"))


def _wait(settings: Settings) -> float:
    return settings.render_wait + _LONGER_THAN_A_RENDER


def _address(setting: str) -> str:
    host, _, port = setting.rpartition(":")
    return f"{host}:{port}" if int(port) else ""


def _folder(settings: Settings) -> Path:
    folder = (settings.data_dir / FOLDER).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
