"""``crawlight import``: access logs into the numbers of domains."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from crawlight.cli.context import Context, context_of
from crawlight.cli.handing_over import hand_over
from crawlight.cli.import_report import Report
from crawlight.ingest.files import is_url, log_files
from crawlight.ingest.importers.json_keys import KEYS
from crawlight.ingest.importers.names import FORMAT_NAMES
from crawlight.ingest.order import EVER, Order
from crawlight.kit.loading import loading

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
        str | None, typer.Option(metavar="HOST", help="The domain that the logs belong to.")
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
        str, typer.Option("--format", metavar="FORMAT", help=f"auto, {', '.join(FORMAT_NAMES)}.")
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
    """Import access logs. Importing a file twice counts it once; if it has grown, only the new lines count.

    For example: crawlight import '/var/log/nginx/access.log*' --domain example.com
    """
    if listing or undo is not None:
        if files or domain or all_domains or user or follow or syslog or (listing and undo is not None):
            raise typer.BadParameter("--list and --undo stand alone")
        _list(context_of(ctx)) if undo is None else _undo(context_of(ctx), undo)
        return
    _check_sources(files or [], follow, syslog, dry_run or explain)
    keys = dict(map(_key, key or ()))
    if explain:
        _explain(context_of(ctx), Order(files=files or [], log_format=log_format, said=said, keys=keys))
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
        _import_what_comes(context_of(ctx), order, syslog)
    else:
        _import(context_of(ctx), order)


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


def _list(context: Context) -> None:
    with loading():
        from crawlight.cli.import_list import show_imports
    show_imports(context)


def _undo(context: Context, given: str) -> None:
    with loading():
        from crawlight.cli.import_list import take_back
    take_back(context, given)


def _explain(context: Context, order: Order) -> None:
    with loading():
        from crawlight.cli.import_explain import show_explained
    show_explained(context, order.files, order.log_format, order.keys, order.said)


def _import_what_comes(context: Context, order: Order, syslog: str) -> None:
    with loading():
        from crawlight.cli.following import import_what_comes
    import_what_comes(context, order, syslog)


def _import(context: Context, order: Order) -> None:
    order = msgspec.structs.replace(order, files=log_files(order.files))
    told = asyncio.run(hand_over(context.settings(existing=True), order))
    if told is None:
        with loading():
            from crawlight.cli.import_here import import_here
        import_here(context, order)
        return
    report = Report(context)
    for one in told.summaries:
        report.add(one)
    for failure in told.failures:
        report.add_failure(failure.file, failure.error)
    report.end()


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
