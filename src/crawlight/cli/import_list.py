"""``crawlight import --list`` and ``--undo``."""

import asyncio
from collections.abc import Sequence

from crawlight.cli.context import Context
from crawlight.cli.importing import listed_imports, undo_imports
from crawlight.ingest.undoing import Listed
from crawlight.kit.plural import plural
from crawlight.kit.printable import printable


def show_imports(context: Context) -> None:
    """Print every import that can be taken back."""
    found = asyncio.run(listed_imports(context.settings(existing=True)))
    context.say(_table(found) if found else "Nothing was imported yet.", found)


def take_back(context: Context, given: str) -> None:
    """Take back the import of a number, or all of a file."""
    taken = asyncio.run(undo_imports(context.settings(existing=True), given))
    context.say("\n".join(map(_taken_back, taken)), taken)


def _table(found: Sequence[Listed]) -> str:
    """A line each: number, day and time, records by domain, file."""
    return "\n".join(
        f"{one.number:>6}  {one.imported_at[:16].replace('T', ' ')}  {_gave(one):<40}  {printable(one.file)}"
        for one in found
    )


def _taken_back(one: Listed) -> str:
    return f"Took back import {one.number} of {printable(one.file)}: {_gave(one)}. It can be imported again."


def _gave(one: Listed) -> str:
    return ", ".join(f"{plural(number, 'record')} of {host}" for host, number in one.records.items())
