"""``crawlight demo``: the main job on real input, from an access log to the export document."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Console

from crawlight import server
from crawlight.accounts.keys import create_key
from crawlight.accounts.people import create_account
from crawlight.cli.context import context_of
from crawlight.cli.demo_front import front_settings, through_front
from crawlight.cli.import_report import show
from crawlight.cli.importing import import_logs
from crawlight.database.engine import Database
from crawlight.demo import site as sample_site
from crawlight.demo.crawling import crawl
from crawlight.demo.logs import MADE_NAME, REAL_LOG, made_log, shifted
from crawlight.demo.visits import made_visits
from crawlight.domains.hosting import host_text
from crawlight.domains.made_files import host_made
from crawlight.domains.registry import add_domain, find_domain, share_domain
from crawlight.domains.rule_lists import save_rules
from crawlight.domains.rules import Rule
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import load_sites
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.ingest.carrying_out import Listener
from crawlight.ingest.order import Order
from crawlight.ingest.summarizing import summary
from crawlight.kit import clock
from crawlight.kit.logs import configure_logs
from crawlight.runtime.front import caddy_of
from crawlight.runtime.services import Services, open_services, running
from crawlight.settings import Settings, load_settings

app = typer.Typer(add_completion=False)

EMAIL = "demo@example.com"
CLIENT = "client@example.com"
DOMAIN = "example.com"


class Access(msgspec.Struct, frozen=True):
    """What opens the demo: made at random for each, both accounts have the same password."""

    key: str
    password: str
    domain_id: DomainId


@app.command()
def demo(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port to listen on; also CRAWLIGHT_PORT.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the export document and end.")] = False,
) -> None:
    """Import a real access log and a made one, print the export or serve it until Ctrl-C."""
    with _folder(context_of(ctx).data_dir) as folder:
        # Embedded stores whatever the environment says: a demo account has no place in a real database.
        stores = {"database_url": "", "events_url": "", "snapshots_url": "", "limits_url": "memory://"}
        front = {} if once else front_settings()
        settings = load_settings(
            data_dir=folder, port=port, bots_refresh=False, edge_workers=0, **stores, **front
        )
        configure_logs("warning", settings.log_format)
        bound = None if once else server.listen(settings.host, settings.port)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_demo(settings, bound))
        if bound:
            typer.echo("The demo has ended.", err=True)


async def _demo(settings: Settings, bound: socket.socket | None) -> None:
    async with sample_site.serving() as origin:
        access = await _prepare(settings, origin)
        await (_serve(settings, bound, access) if bound else _print_export(settings))


async def _prepare(settings: Settings, origin: str) -> Access:
    """Two accounts that share a domain, a key, both logs imported, and the sample site crawled."""
    console = Console(stderr=True, highlight=False)
    database = await Database.open(settings.database_url)
    try:
        access = await _people(database, settings)
        await _add_sample_site(database, origin, fronted=settings.front)
    finally:
        await database.close()
    console.print(
        f"Account [bold]{EMAIL}[/] on plan pro with the domain [bold]{DOMAIN}[/] and one API key; "
        f"[bold]{CLIENT}[/] is a viewer of it.\n"
    )
    files = [str(path) for path in _write_logs(settings.data_dir, clock.now(), console)]
    listener = Listener(lambda imported: show(summary(imported), console), _give_up, console.print)
    await import_logs(settings, Order(files=files, host=DOMAIN), listener)
    await _come(settings, access, console)
    return access


async def _add_sample_site(database: Database, origin: str, *, fronted: bool) -> None:
    domain = await add_domain(database, sample_site.HOST, EMAIL, origin=origin)
    given = {"origin_host": "origin", "front": True} if fronted else {}
    await change_settings(database, domain.id, allowed_networks=["127.0.0.1/32"], **given)
    await save_rules(database, domain.id, domain.host, [Rule("/bread/*", "/breads/:splat", "301")])
    await host_text(database, domain.id, "robots.txt", sample_site.HOSTED_ROBOTS)


async def _come(settings: Settings, access: Access, console: Console) -> None:
    """Let crawlers come to the sample site, so that there are hits, misses and prerenders, and people by AI."""
    async with open_services(settings) as services, running(services):
        visits = list(made_visits(access.domain_id, clock.now()))
        await services.recorder.record(visits)
        console.print(f"{len(visits)} visits of {DOMAIN} that AI assistants sent, made as well.\n")
        if missing := await services.renderer.state():
            console.print(f"The sample site is not crawled: {missing}\n")
        else:
            await _crawl(services, access.key, console)
        await services.recorder.hand_over()
        await services.loader.load_published()
        if not missing:
            await _host_sitemap(services.database)


async def _host_sitemap(database: Database) -> None:
    """Have a sitemap made of the pages that crawlers got."""
    number = (await find_domain(database, sample_site.HOST)).id
    await host_made(database, (await load_sites(database, [number]))[number], "sitemap.xml")


async def _crawl(services: Services, key: str, console: Console) -> None:
    outcomes: Counter[str] = Counter()
    with console.status(f"Crawlers come to {sample_site.HOST}, a site that is empty without JavaScript"):
        await crawl(services.edge.render, key, lambda _status, outcome, _path: outcomes.update([outcome]))
    console.print(
        f"{outcomes.total()} crawls of {sample_site.HOST}, a site that is empty without JavaScript: "
        f"{', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())}.\n"
    )


async def _people(database: Database, settings: Settings) -> Access:
    password = secrets.token_urlsafe(12)
    account = await create_account(database, settings.plans, EMAIL, plan="pro", password=password)
    await create_account(database, settings.plans, CLIENT, password=password)
    domain = await add_domain(database, DOMAIN, EMAIL)
    await share_domain(database, DOMAIN, CLIENT, "viewer")
    return Access(await create_key(database, settings.plans, account.id, "demo"), password, domain.id)


def _write_logs(folder: Path, now: datetime, console: Console) -> Iterator[Path]:
    days, lines = shifted(REAL_LOG, now)
    console.print(
        f"A real access log of May 2015, its days moved by {days:,} so that they end yesterday. It is from before "
        "the AI crawlers, so there is a second log, made by a program, with the crawlers of today.\n"
    )
    yield _written(folder / "real-log-with-moved-days.log", lines)
    yield _written(folder / MADE_NAME, made_log(now))


def _give_up(_file: str, error: UserError) -> None:
    raise error


def _written(path: Path, lines: Iterator[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(lines)
    return path


async def _print_export(settings: Settings) -> None:
    async with open_services(settings) as services:
        document = await services.export(EMAIL, "30d")
    sys.stdout.buffer.write(document + b"\n")


async def _serve(settings: Settings, bound: socket.socket, access: Access) -> None:
    url = settings.public_url or server.url_of(bound)
    try:
        async with open_services(settings) as services:
            await server.serve(services, bound, lambda _edges: _greet(url, access, through_front(settings)))
    finally:
        if settings.front:
            await caddy_of(settings).stop()


def _greet(url: str, access: Access, front: str) -> None:
    typer.echo(
        f"""
Dashboard  {url}/
Sign in    {EMAIL}, or {CLIENT} who only reads
Password   {access.password}
API key    {access.key}

Each bot under its own key, for the last 30 days; paste this into another terminal:

  curl -X POST {url}/functions/v1/export-user-analytics \\
    -H 'Authorization: Bearer {access.key}' \\
    -H 'Content-Type: application/json' -d '{{"period": "30d"}}'

{front}

Ctrl-C ends the demo.""",
        err=True,
    )


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """The given data directory, which must be new, or a temporary one that is removed at the end."""
    if given is not None:
        if given.exists() and any(given.iterdir()):
            raise UserError(f"{given} is not empty; the demo wants a data directory of its own")
        yield given
        return
    folder = tempfile.mkdtemp(prefix="crawlight-demo-")
    # Without this, SIGTERM would leave the folder behind while the logs are imported.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
