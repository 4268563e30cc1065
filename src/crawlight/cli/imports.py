"""``crawlight import``: access logs into the numbers of a domain."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crawlight.cli.context import context_of
from crawlight.cli.importing import import_logs
from crawlight.errors import UserError
from crawlight.ingest import importing
from crawlight.ingest.importers import FORMATS
from crawlight.ingest.importing import Imported
from crawlight.ingest.staged import BUCKETS, Rejected

app = typer.Typer(add_completion=False)

_MEANING = {
    "crawls": "crawls of pages",
    "robots": "fetches of robots.txt, sitemaps, llms.txt",
    "libraries": "HTTP libraries and scripts",
    "people": "people, and programs that name themselves no bot",
    "assets": "assets fetched by crawlers",
    "other_methods": "methods other than GET and HEAD",
    "no_page": "targets that name no page",
    "no_user_agent": "without a user agent (common log format): nobody can be recognised",
    "too_old": "older than the numbers are kept (CRAWLIGHT_RETENTION_MONTHS)",
    "future": "from the future",
    "rejected": "not readable",
    "empty": "empty",
}
_SHOWN_AGENTS = 12


class Summary(msgspec.Struct, frozen=True):
    """One file as ``--json`` prints it. ``lines`` counts what was new; the buckets add up to it."""

    file: str
    format: str
    lines: int
    already_imported: int
    first_crawl: datetime | None
    last_crawl: datetime | None
    buckets: dict[str, int]
    agents: dict[str, int]
    rejected: list[Rejected]


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be imported, as ``--json`` prints it."""

    file: str
    error: str


@app.command("import")
def import_files(
    ctx: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Access logs; .gz and .zst too, - is stdin.")
    ],
    domain: Annotated[str, typer.Option(metavar="HOST", help="The domain that the logs are of.")],
    log_format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help=f"auto, {', '.join(FORMATS)}.")
    ] = "auto",
) -> None:
    """Import access logs. The same file twice counts once; of a file that has grown, the new lines count."""
    context = context_of(ctx)
    summaries: list[Summary] = []
    failures: list[Failure] = []

    def done(imported: Imported) -> None:
        summaries.append(summary(imported))
        if not context.json:
            show(summaries[-1], Console(highlight=False))

    def failed(file: str, error: UserError) -> None:
        failures.append(Failure(file, str(error)))
        typer.echo(f"crawlight: {error}", err=True)

    try:
        with _bars() as bars:
            work = import_logs(
                context.settings(), domain, files, log_format, lambda file: _bar(bars, file), done, failed
            )
            asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo("Interrupted: nothing of the last file was counted. Run the same command again.", err=True)
        raise typer.Exit(130) from None
    if context.json:
        context.say("", [*summaries, *failures])
    if failures and len(files) > 1:
        raise UserError(f"{len(failures)} of {len(files)} files were not imported")
    if failures:
        raise typer.Exit(1)


def summary(imported: Imported) -> Summary:
    """The figures of an imported file."""
    staged = imported.staged
    return Summary(
        file=imported.file,
        format=imported.format,
        lines=staged.lines,
        already_imported=imported.already,
        first_crawl=staged.first,
        last_crawl=staged.last,
        buckets={name: staged.buckets[name] for name in BUCKETS},
        agents=dict(staged.agents.most_common()),
        rejected=staged.rejected,
    )


def show(figures: Summary, console: Console) -> None:
    """Print the figures for people."""
    already = f", {figures.already_imported:,} were imported before" if figures.already_imported else ""
    lines = _counted(figures.lines, "new line")
    console.print(f"[bold]{escape(figures.file)}[/]: {figures.format}, {lines}{already}", soft_wrap=True)
    if figures.first_crawl and figures.last_crawl:
        console.print(
            f"  crawls from {figures.first_crawl:%Y-%m-%d %H:%M} to {figures.last_crawl:%Y-%m-%d %H:%M} UTC"
        )
    console.print(_table((count, _MEANING[name]) for name, count in figures.buckets.items() if count))
    agents = list(figures.agents.items())
    if agents:
        first = ", the first:" if len(agents) > _SHOWN_AGENTS else ":"
        console.print(f"  [bold]{_counted(len(agents), 'crawler')}[/]{first}")
        console.print(_table((count, name) for name, count in agents[:_SHOWN_AGENTS]))
    for line in figures.rejected:
        console.print(
            f"  line {line.line}: {escape(line.reason)}: {escape(line.text)}", style="yellow", soft_wrap=True
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _table(rows: Iterator[tuple[int, str]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    table.add_column(justify="right")
    for count, text in rows:
        table.add_row(f"{count:,}", escape(text))
    return table


@contextmanager
def _bars() -> Iterator[Progress]:
    """Progress bars on standard error, for people only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield bars


def _bar(bars: Progress, file: str) -> importing.Progress:
    task = bars.add_task(escape(file), total=None)
    return lambda read, size: bars.update(task, completed=read, total=size or None)
