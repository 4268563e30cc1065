"""The ``crawlight`` command: global options, and the commands, each imported only when it is called."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from crawlight.errors import UserError
from crawlight.kit.loading import loading

COMMANDS: Final = {
    "serve": ("serve", "Run the server."),
    "setup": ("setup", "Set up this machine as a server, with systemd."),
    "demo": ("demo", "Try Crawlight on sample data."),
    "user": ("users", "Manage accounts."),
    "domain": ("domains", "Manage domains and who can see them."),
    "key": ("keys", "Manage API keys."),
    "import": ("imports", "Import access logs."),
    "export": ("exports", "Print the export document of an account."),
    "audit": ("audits", "Audit pages for SEO, without a server."),
    "report": ("reports", "Print the report of an account or domain as PDF."),
    "purge": ("purge", "Have a page rendered again."),
    "doctor": ("doctor", "Check the installation and say what to fix."),
    "backup": ("backups:backup_app", "Write everything into one file."),
    "restore": ("backups:restore_app", "Fill an empty data directory from a backup."),
    "forget": ("forget", "Delete a domain and all its data."),
    "render": ("render", "Prerender one page, without a server."),
    "compare": ("compare", "Compare what people see on a page with what crawlers get."),
    "warm": ("warm", "Read a domain's sitemaps and render their pages."),
    "refresh": ("warm:refresh_app", "Render all pages of a domain again; pause, resume, progress."),
    "rule": ("rules", "Manage a domain's routing rules."),
    "file": ("files", "Manage files that Crawlight serves instead of the site."),
    "front": ("front", "Check or stop the front: Caddy, for domains whose DNS points here."),
    "classify": ("bots:classify_app", "Name the crawler of each user agent."),
    "bots": ("bots", "Explain how a visitor is identified."),
}
"""Module and help of every command, in the order of the help. A module's app is ``app`` unless it is named."""


_NAMES_ONLY: Final = frozenset({"user", "domain", "key", "purge", "warm", "refresh", "forget"})
"""Commands that take no files, whose names may be any bytes; what these are given is kept as text."""


def _are_texts(given: list[str]) -> bool:
    from crawlight.kit.printable import is_text

    return all(map(is_text, given))


class LazyGroup(TyperGroup):
    """A group that lists its commands without importing them: the help must come at once."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, text) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=text))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take ``--json`` and ``--data`` wherever they stand: people write them at the end, and mean the same."""
        ended = args.index("--") if "--" in args else len(args)
        given, rest = args[:ended], args[ended:]
        parsed: list[str] = super().parse_args(ctx, _for_all(given) + rest)
        return parsed

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Put the real command in the place of the one that only has a name and a help."""
        name, _, rest = super().resolve_command(ctx, args)
        if name in _NAMES_ONLY and not _are_texts(rest):
            raise typer.BadParameter("what is given is not UTF-8")
        module, _, attribute = COMMANDS[str(name)][0].partition(":")
        with loading():
            its_app = getattr(import_module(f"crawlight.cli.{module}"), attribute or "app")
        command = typer.main.get_command(its_app)
        command.name = name
        return name, command, rest


def _for_all(args: list[str]) -> list[str]:
    """The arguments with the options that every command has before all others."""
    first, others, values = list[str](), list[str](), iter(args)
    for one in values:
        if one == "--json" or one.startswith("--data="):
            first.append(one)
        elif one == "--data":
            if not (folder := next(values, "")):
                raise typer.BadParameter("--data needs a folder")
            first += [one, folder]
        else:
            others.append(one)
    return first + others


# Tracebacks stay plain: Rich's show local variables, and those may be secrets.
app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        from crawlight import __version__

        typer.echo(f"crawlight {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Data directory; also CRAWLIGHT_DATA_DIR. Works before and after the command.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print results as JSON. Works before and after the command.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Crawlight prerenders pages for crawlers and shows which bot crawled what."""
    from crawlight.cli.context import Context

    ctx.obj = Context(data_dir=data, json=json)


def main() -> None:
    """Run one command: exit status 0 is done, 1 failed, 2 wrong usage."""
    # Settings have no plugins, and to look for some it would read the metadata of all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app()
    except UserError as error:
        _fail(error.at_terminal())
    except Exception as error:
        from crawlight.cli.faults import told

        if not (text := told(error)):
            raise
        _fail(text)


def _fail(text: str) -> NoReturn:
    from crawlight.kit.printable import printable_lines

    typer.echo(f"crawlight: {printable_lines(text)}", err=True)
    sys.exit(1)
