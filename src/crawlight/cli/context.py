"""What every command shares: the global options, the way to settings and database, the two forms of output."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crawlight.database.engine import Database
from crawlight.settings import Settings, load_settings

T = TypeVar("T")

_PIPE_WIDTH = 10_000
"""Characters: a pipe has no width, and nothing may be cut to fit one."""

Work = Callable[[Database, Settings], Coroutine[Any, Any, T]]


@dataclass(frozen=True)
class Context:
    """The global options. ``data_dir`` is None where the settings decide."""

    data_dir: Path | None
    json: bool

    def settings(self, **overrides: object) -> Settings:
        """The settings of this call. Raises UserError where they are malformed."""
        return load_settings(data_dir=self.data_dir, **overrides)

    def run(self, work: Work[T]) -> T:
        """Do asynchronous work on the database, opened and migrated before, closed after."""
        settings = self.settings()

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
