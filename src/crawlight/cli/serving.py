"""What `crawlight serve` runs, once it is loaded."""

import asyncio
import socket

import typer
import uvloop

from crawlight import server
from crawlight.accounts.first import first_account
from crawlight.accounts.secrets import make_secrets
from crawlight.cli.first_account import ask_for_first_account, can_ask
from crawlight.control import ask
from crawlight.database.engine import Database
from crawlight.errors import UserError
from crawlight.kit.connections import raise_descriptor_limit
from crawlight.kit.logs import configure_logs
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.browser import MISSING
from crawlight.rendering.fonts import missing_scripts
from crawlight.rendering.process import sandboxed
from crawlight.runtime.services import open_services
from crawlight.settings import Settings


def run(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    configure_logs(settings.log_level, settings.log_format)
    raise_descriptor_limit()
    bound = server.listen(settings.host, settings.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, bound))


async def _serve(settings: Settings, bound: socket.socket) -> None:
    if await ask(settings.data_dir, "ping") is not None:
        raise UserError(f"a server already runs on {settings.data_dir}; stop it, or choose another --data")
    async with open_services(settings) as services:
        await make_secrets(services.database)
        setup = await _first_account(services.database, settings)
        await server.serve(
            services, bound, lambda edges: _greet(settings, server.url_of(bound), edges, setup)
        )


async def _first_account(database: Database, settings: Settings) -> str | None:
    """The path of the page that makes the first account, where neither settings nor terminal name one."""
    path = await first_account(database, settings.plans, settings.first_email, settings.first_password)
    asked = path is not None and can_ask() and await ask_for_first_account(database, settings.plans)
    return None if asked else path


def _front(settings: Settings) -> str:
    spoken = {"http": settings.front_http, "https": settings.front_tls != "off" and settings.front_https}
    return ", ".join(f"{name} {at}" for name, at in spoken.items() if at and at != "0")


def _greet(settings: Settings, url: str, edges: str, setup: str | None) -> None:
    typer.echo(f"Crawlight listens on {url}", err=True)
    if edges:
        typer.echo(f"{settings.edge_workers} edge processes listen on {edges}", err=True)
    if settings.front:
        typer.echo(f"The front listens on {_front(settings)}", err=True)
    if not settings.browser_url:
        _tell_of_the_browser(settings)
    if setup is not None:
        address = settings.public_url.rstrip("/") or url
        typer.echo(
            f"There is no account yet. Create the first one here (the link works once): {address}{setup}",
            err=True,
        )


def _tell_of_the_browser(settings: Settings) -> None:
    if find_browser(settings.browser_path) is None:
        typer.echo(f"No page will be rendered: {MISSING}.", err=True)
        return
    if not sandboxed():
        typer.echo("The browser has no sandbox: run Crawlight as a user of its own, not as root.", err=True)
    # Fonts are looked for beside what crawlers ask already.
    asyncio.get_running_loop().run_in_executor(None, _tell_of_fonts)


def _tell_of_fonts() -> None:
    if missing := missing_scripts():
        typer.echo(f"Pages will show boxes: there are no fonts for {', '.join(missing)}.", err=True)
