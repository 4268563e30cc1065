"""What every command shares: the global options, the way to settings and database, the two forms of output."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import typer

from crawlight.database.sqlite_files import sqlite_file
from crawlight.errors import UserError
from crawlight.settings import Settings, load_settings

if TYPE_CHECKING:
    from crawlight.database.engine import Database

T = TypeVar("T")

_PIPE_WIDTH = 10_000
"""Characters: a pipe has no width, and nothing may be cut to fit one."""

Work = Callable[["Database", Settings], Coroutine[Any, Any, T]]


@dataclass(frozen=True)
class Context:
    """The global options. ``data_dir`` is None where the settings decide."""

    data_dir: Path | None
    json: bool

    def settings(self, *, existing: bool = False, **overrides: object) -> Settings:
        """The settings of this call. Raises UserError where they are malformed.

        With ``existing`` also where nothing is kept there yet: a mistyped directory must not become a new one.
        """
        settings = load_settings(data_dir=self.data_dir, **overrides)
        if existing and not is_there(settings):
            raise UserError(
                f"nothing is kept in {settings.data_dir}; is --data right? `crawlight user add` starts a new one"
            )
        return settings

    def run(self, work: Work[T], *, existing: bool = True) -> T:
        """Do asynchronous work on the database, opened and migrated before, closed after."""
        import asyncio  # These load slowly, and lists do without them.

        from crawlight.database.engine import Database

        settings = self.settings(existing=existing)

        async def opened() -> T:
            database = await Database.open(settings.database_url)
            try:
                return await work(database, settings)
            finally:
                await database.close()

        return asyncio.run(opened())

    def emit(self, rows: Sequence[msgspec.Struct], *columns: str) -> None:
        """Print rows on stdout: all their members as JSON, or the given ones as a table."""
        if self.json:
            _print_json(rows)
            return
        from rich import box
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*(column.replace("_", " ") for column in columns), box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*(escape(_cell(getattr(row, column))) for column in columns))
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = _PIPE_WIDTH
        console.print(table)

    def say(self, text: str, value: object) -> None:
        """Print a result on stdout: ``value`` as JSON, or ``text`` for people."""
        if self.json:
            _print_json(value)
        else:
            typer.echo(text)


def is_there(settings: Settings) -> bool:
    """Whether there is a database, as far as can be seen: one on a server always is."""
    file = sqlite_file(settings.database_url)
    return file is None or file.exists()


def context_of(ctx: typer.Context) -> Context:
    """The context that the global options made."""
    context: Context = ctx.obj
    return context


def _print_json(value: object) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)
