"""``crawlight import``: access logs into the numbers of domains."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from crawlight.cli.context import context_of
from crawlight.cli.following import go_on
from crawlight.cli.import_explain import show_explained
from crawlight.cli.import_order import Order
from crawlight.cli.import_report import Failure, Summary, imports_table, show, summary, taken_back
from crawlight.cli.importing import import_logs, listed_imports, undo_imports
from crawlight.errors import UserError
from crawlight.ingest import importing
from crawlight.ingest.files import is_url
from crawlight.ingest.importers.formats import FORMATS, KEYS
from crawlight.ingest.importing import Imported
from crawlight.ingest.staged import EVER
from crawlight.kit.printable import printable_lines, printable_path

app = typer.Typer(add_completion=False)

_DAY = len("2026-01-31")


@app.command("import")
def import_files(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...]",
            show_default=False,
            help="Access logs, folders and patterns of them, such as 'access.log*'; compressed and in archives too,"
            " - is stdin; and prefixes in object stores: s3://BUCKET/PREFIX, gs:// and az://. Rotated logs are read"
            " from the oldest on.",
        ),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(metavar="HOST", help="The domain that the logs are of.")
    ] = None,
    all_domains: Annotated[
        bool, typer.Option("--all-domains", help="Spread the lines over all domains of --user by their host.")
    ] = False,
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="The account, with --all-domains.")
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List the imports so far, by the numbers that --undo takes.")
    ] = False,
    undo: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|NUMBER",
            help="Take back what the import with this number gave, or all imports of this file.",
        ),
    ] = None,
    log_format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help=f"auto, {', '.join(FORMATS)}.")
    ] = "auto",
    said: Annotated[
        str,
        typer.Option(
            "--log-format",
            metavar="TEXT",
            help="The format as it stands in the configuration: nginx's log_format, Apache's LogFormat, HAProxy's"
            " log-format, Envoy's or Caddy's format strings, #Fields: of W3C, or a name that --format takes. Kept for"
            " the domain's next imports; auto forgets it.",
        ),
    ] = "",
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=KEY",
            help=f"JSON key of nginx-json, where it has another name than usual: {', '.join(KEYS)}.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Leave out older lines: 2026-01-31 or 2026-01-31T12:00Z."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Leave out newer lines; a day counts to its end.")
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Take a log whose addresses seem to be a proxy's; they judge nobody."),
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with new lines as they come, over rotation, like tail -F.")
    ] = False,
    syslog: Annotated[
        str,
        typer.Option(
            "--syslog",
            metavar="HOST:PORT",
            help="Take lines that servers send as syslog to this address on loopback, over UDP and TCP.",
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and write nothing.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the first lines cut into fields, and import nothing.")
    ] = False,
) -> None:
    """Import access logs. The same file twice counts once; of a file that has grown, the new lines count.

    For example: crawlight import '/var/log/nginx/access.log*' --domain example.com
    """
    if listing or undo is not None:
        if files or domain or all_domains or user or follow or syslog or (listing and undo is not None):
            raise typer.BadParameter("--list and --undo stand alone")
        _list(ctx) if undo is None else _undo(ctx, undo)
        return
    _check_sources(files or [], follow, syslog, dry_run or explain)
    keys = dict(map(_key, key or ()))
    if explain:
        show_explained(context_of(ctx), files or [], log_format, keys, said)
        return
    if (domain is None) is not all_domains or all_domains is (user is None):
        raise typer.BadParameter("say --domain HOST, or --all-domains --user EMAIL")
    order = Order(
        files=files or [],
        host=domain,
        email=user,
        log_format=log_format,
        said=said,
        keys=keys,
        since=_moment(since, "--since") or EVER[0],
        until=_moment(until, "--until", end=True) or EVER[1],
        dry_run=dry_run,
        anyway=anyway,
    )
    if order.since >= order.until:
        raise typer.BadParameter("--since is not before --until")
    if follow or syslog:
        _import_what_comes(ctx, order, syslog)
    else:
        _import(ctx, order)


def _check_sources(files: Sequence[str], follow: bool, syslog: str, only_looks: bool) -> None:
    """Raise BadParameter where it is not clear what is to be read, or where it cannot be followed."""
    if bool(files) is bool(syslog):
        raise typer.BadParameter("say which FILE to import, or --syslog HOST:PORT, or --list, or --undo FILE")
    if only_looks and (follow or syslog):
        raise typer.BadParameter("--dry-run and --explain look at what is there, and not at what comes")
    if follow and any(file == "-" or is_url(file) for file in files):
        raise typer.BadParameter(
            "--follow is for files: standard input ends by itself, and a timer imports new objects of a store"
        )


def _import_what_comes(ctx: typer.Context, order: Order, syslog: str) -> None:
    context = context_of(ctx)

    def done(imported: Imported) -> None:
        if context.json:
            typer.echo(msgspec.json.encode(summary(imported)))
            return
        lines, crawls = imported.staged.lines, imported.staged.buckets["crawls"]
        typer.echo(
            f"{imported.file}: {lines:,} new line{'s' * (lines != 1)}, {crawls:,} crawl{'s' * (crawls != 1)} of pages"
        )

    asyncio.run(go_on(context.settings(existing=True), order, syslog, done, _tell))


def _tell(_file: str, error: UserError) -> None:
    typer.echo(f"crawlight: {printable_lines(str(error))}", err=True)


def _list(ctx: typer.Context) -> None:
    context = context_of(ctx)
    found = asyncio.run(listed_imports(context.settings(existing=True)))
    context.say(imports_table(found) if found else "Nothing was imported yet.", found)


def _undo(ctx: typer.Context, given: str) -> None:
    context = context_of(ctx)
    taken = asyncio.run(undo_imports(context.settings(existing=True), given))
    context.say("\n".join(map(taken_back, taken)), taken)


def _import(ctx: typer.Context, order: Order) -> None:
    context = context_of(ctx)
    summaries: list[Summary] = []
    failures: list[Failure] = []

    def done(imported: Imported) -> None:
        summaries.append(summary(imported))
        if not context.json:
            show(summaries[-1], Console(highlight=False))

    def failed(file: str, error: UserError) -> None:
        failures.append(Failure(printable_path(file), str(error)))
        _tell(file, error)

    # Millions of short-lived objects, hardly a cycle among them: looking for those more seldom saves a twentieth.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        with _bars() as bars:
            work = import_logs(
                context.settings(existing=True), order, lambda file: _bar(bars, file), done, failed
            )
            asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo(
            "Interrupted. What was read is counted; run the same command again to go on from there.", err=True
        )
        raise typer.Exit(130) from None
    if order.dry_run:
        typer.echo("Dry run: nothing was written.", err=True)
    if context.json:
        context.say("", [*summaries, *failures])
    _tell_failures(failures, len(summaries) + len(failures))


def _tell_failures(failures: Sequence[Failure], of: int) -> None:
    if failures and of > 1:
        raise UserError(f"{len(failures)} of {of} files were not imported")
    if failures:
        raise typer.Exit(1)


def _key(given: str) -> tuple[str, str]:
    """What a key is for, and its name; an empty one says that there is none."""
    what, equals, name = given.partition("=")
    if what not in KEYS or not equals:
        raise typer.BadParameter(
            f"{given!r} is not WHAT=KEY with WHAT one of {', '.join(KEYS)}", param_hint="--key"
        )
    return what, name


def _moment(given: str | None, option: str, *, end: bool = False) -> datetime | None:
    """A day or a moment, UTC where it names no zone; ``end`` takes a day's end instead of its start."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given) + timedelta(days=end and len(given) <= _DAY)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{given!r} is no day or time, such as 2026-01-31 or 2026-01-31T12:00Z", param_hint=option
        ) from None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment, EVER[0]), EVER[1])


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
