"""What ``crawlight doctor`` looks at of the machine: browser, fonts, ports, Caddy."""

import asyncio
import shutil
import socket
from typing import Final

from crawlight.control import ask
from crawlight.kit.finding import Finding
from crawlight.kit.logs import first_line
from crawlight.rendering.devtools import DevToolsError
from crawlight.rendering.fonts import missing_scripts
from crawlight.rendering.process import sandboxed
from crawlight.runtime.front import caddy_of
from crawlight.runtime.renderer import open_renderer
from crawlight.settings import Settings

_GET_BROWSER: Final = "install chromium-headless-shell or chromium, or set CRAWLIGHT_BROWSER_PATH"


async def browser(settings: Settings) -> list[Finding]:
    """There is a browser, and it starts."""
    renderer = open_renderer(settings)
    try:
        if wrong := await renderer.state():
            return [Finding("browser", "problem", wrong, _GET_BROWSER)]
        version = await renderer.version()
        if settings.browser_url or sandboxed():
            return [Finding("browser", "ok", version)]
        advice = "run Crawlight as a user of its own: Chromium has no sandbox for root"
        return [Finding("browser", "warning", f"{version}, without its sandbox", advice)]
    except DevToolsError as error:
        advice = "install what it lacks; without user namespaces in the kernel it has no sandbox, and does not start"
        return [Finding("browser", "problem", first_line(error), advice)]
    finally:
        await renderer.close()


async def fonts(settings: Settings) -> list[Finding]:
    """There are fonts for the scripts that pages may be in."""
    missing = [] if settings.browser_url else await asyncio.to_thread(missing_scripts)
    if missing:
        advice = "install fontconfig, fonts-noto-core, fonts-noto-cjk, fonts-noto-color-emoji: else pages have boxes"
        return [Finding("fonts", "warning", f"none for {', '.join(missing)}", advice)]
    return [Finding("fonts", "ok", "the scripts of most pages can be shown")]


async def port(settings: Settings) -> list[Finding]:
    """The ports are free, or they are the server's own."""
    if await ask(settings.data_dir, "ping") is not None:
        return [Finding("port", "ok", "a server runs on this data directory")]
    wanted = {settings.port: "CRAWLIGHT_HOST, CRAWLIGHT_PORT"}
    if settings.edge_workers:
        wanted[settings.edge_port] = "CRAWLIGHT_EDGE_PORT"
    return [_port(settings.host, number, names) for number, names in wanted.items()]


def _port(host: str, number: int, names: str) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, number), family=family).close()
    except OSError as error:
        told = f"{host}:{number} cannot be used: {error.strerror}"
        return Finding("port", "problem", told, f"choose another: {names}")
    return Finding("port", "ok", f"{host}:{number} is free")


async def front(settings: Settings) -> list[Finding]:
    """Where there is a front, Caddy serves it, or could."""
    if not settings.front:
        return []
    caddy = caddy_of(settings)
    if await caddy.alive():
        return [Finding("front", "ok", "Caddy answers")]
    if settings.front_admin:
        advice = "start it (`systemctl status crawlight-front`), or mend CRAWLIGHT_FRONT_ADMIN"
        return [Finding("front", "problem", f"no Caddy answers at {settings.front_admin}", advice)]
    if shutil.which("caddy") is None:
        return [
            Finding("front", "problem", "there is no Caddy", "install caddy, or set CRAWLIGHT_FRONT to false")
        ]
    wanted = {settings.front_http: "CRAWLIGHT_FRONT_HTTP", settings.front_https: "CRAWLIGHT_FRONT_HTTPS"}
    places = {at.rpartition(":")[::2]: name for at, name in wanted.items()}
    return [_port(host or "0.0.0.0", int(at), name) for (host, at), name in places.items() if int(at)]  # noqa: S104
