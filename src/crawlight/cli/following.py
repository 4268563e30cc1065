"""What ``crawlight import`` does that goes on: ``--follow`` and ``--syslog``. Each round is an import of its own."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import typer

from crawlight.cli.context import Context
from crawlight.cli.import_report import tell
from crawlight.cli.importing import import_logs
from crawlight.errors import UserError
from crawlight.ingest.carrying_out import Listener
from crawlight.ingest.files import log_files
from crawlight.ingest.following import Following
from crawlight.ingest.importing import Imported
from crawlight.ingest.order import Order
from crawlight.ingest.summarizing import summary
from crawlight.ingest.syslog import Received, listening, parse
from crawlight.kit.plural import plural
from crawlight.settings import Settings

EVERY_SECONDS = 2.0
"""Between two rounds. Between them nothing is locked, so servers start, and other imports run."""

Done = Callable[[Imported], None]
Failed = Callable[[str, UserError], None]


def import_what_comes(context: Context, order: Order, syslog: str) -> None:
    """Import what comes, with a line for each round of a file that brought something."""

    def done(imported: Imported) -> None:
        figures = summary(imported)
        if context.json:
            typer.echo(msgspec.json.encode(figures))
            return
        lines, crawls = plural(figures.lines, "new line"), plural(figures.buckets["crawls"], "crawl")
        typer.echo(f"{figures.file}: {lines}, {crawls} of pages")

    def failed(_file: str, error: UserError) -> None:
        tell(str(error))

    asyncio.run(_go_on(context.settings(existing=True), order, syslog, done, failed))


async def _go_on(settings: Settings, order: Order, syslog: str, done: Done, failed: Failed) -> None:
    """Import what comes, until the process is asked to end; what came until then is imported first."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if syslog:
        await _take_messages(settings, order, syslog, ended, done, failed)
    else:
        await _follow(settings, order, ended, done, failed)


async def _follow(settings: Settings, order: Order, ended: asyncio.Event, done: Done, failed: Failed) -> None:
    following = Following(partial(_present, order.files))
    typer.echo(f"Following {', '.join(order.files)}; Ctrl-C ends it.", err=True)
    try:
        while True:
            last = ended.is_set()
            if changed := following.changed():
                files = msgspec.structs.replace(order, files=list(changed), names=changed)
                if not await _round(settings, files, done, failed):
                    following.again(changed)
            if last:
                return
            await _pause(ended)
    finally:
        following.close()


async def _take_messages(
    settings: Settings, order: Order, address: str, ended: asyncio.Event, done: Done, failed: Failed
) -> None:
    received = Received(settings.data_dir / "syslog" / str(parse(address)[1]))
    async with listening(address, received):
        typer.echo(f"Listening at {address} for syslog over UDP and TCP; Ctrl-C ends it.", err=True)
        while not ended.is_set():
            await _import_messages(settings, order, received.complete(), address, done, failed)
            await _pause(ended)
    await _import_messages(settings, order, received.complete(ended=True), address, done, failed)


async def _import_messages(
    settings: Settings, order: Order, files: list[Path], address: str, done: Done, failed: Failed
) -> None:
    """Import files of messages and remove them; what is no log is put aside, to be looked at."""
    refused: set[str] = set()

    def fail(name: str, error: UserError) -> None:
        refused.add(name)
        failed(name, error)

    names = {str(file): f"syslog at {address} ({file.stem})" for file in files}
    if not files or not await _round(
        settings, msgspec.structs.replace(order, files=list(names), names=names), done, fail
    ):
        return
    for file in files:
        if names[str(file)] in refused:
            file.rename(file.with_suffix(".refused"))
        else:
            file.unlink()


async def _round(settings: Settings, order: Order, done: Done, failed: Failed) -> bool:
    """One import. Answers whether it could be made at all; where not, the next round tries again."""

    def tell_news(imported: Imported) -> None:
        if imported.staged.lines:
            done(imported)

    try:
        await import_logs(settings, order, Listener(tell_news, failed, _say))
    except UserError as error:
        tell(f"{error}; trying again")
        return False
    return True


def _present(given: Sequence[str]) -> list[str]:
    """The files that are there by now."""
    files = []
    for one in given:
        with suppress(UserError):
            files += log_files([one])
    return files


async def _pause(ended: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), EVERY_SECONDS)


def _say(told: str) -> None:
    typer.echo(told, err=True)
