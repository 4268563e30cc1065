"""``crawlight import`` where this process does it: with its own stores, or beside a running server."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from crawlight.cli.context import Context
from crawlight.cli.import_report import Report
from crawlight.cli.importing import import_logs
from crawlight.ingest import importing
from crawlight.ingest.carrying_out import Listener
from crawlight.ingest.order import Order
from crawlight.ingest.summarizing import summary
from crawlight.kit.printable import printable_path


def import_here(context: Context, order: Order) -> None:
    """Import the files of an order, and tell of each."""
    report = Report(context)
    # Millions of short-lived objects, hardly a cycle among them: looking for those more seldom saves a twentieth.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        with _bars() as bars:
            listener = Listener(
                lambda imported: report.add(summary(imported)),
                lambda file, error: report.add_failure(file, str(error)),
                lambda said: typer.echo(said, err=True),
                lambda file: _bar(bars, file),
            )
            asyncio.run(import_logs(context.settings(existing=True), order, listener))
    except KeyboardInterrupt:
        typer.echo(
            "Interrupted. What was read is counted; run the same command again to go on from there.", err=True
        )
        raise typer.Exit(130) from None
    if order.dry_run:
        typer.echo("Dry run: nothing was written.", err=True)
    report.end()


@contextmanager
def _bars() -> Iterator[Progress]:
    """Progress bars on standard error, for people only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield bars


def _bar(bars: Progress, file: str) -> importing.Progress:
    task = bars.add_task(escape(printable_path(file)), total=None)
    return lambda read, size: bars.update(task, completed=read, total=size or None)
