"""``crawlight import --explain``: how logs are read, without an import."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.markup import escape

from crawlight.cli.context import Context
from crawlight.errors import UserError
from crawlight.ingest.archives import Broken, open_logs
from crawlight.ingest.explaining import Line, explained
from crawlight.ingest.files import log_files
from crawlight.ingest.importers.choosing import choose_format


class Explained(msgspec.Struct, frozen=True):
    """A log as ``--json`` shows how it is read."""

    file: str
    format: str
    format_reason: str
    lines: list[Line]


def show_explained(
    context: Context, files: Sequence[str], name: str, keys: Mapping[str, str], said: str
) -> None:
    """Print how each log is read. Raises UserError where one is none, when all others were shown."""
    found, failures = list[Explained](), list[UserError]()
    for file in log_files(files):
        try:
            found += _explained(file, name, keys, said)
        except UserError as error:
            failures.append(error)
    if context.json:
        context.say("", found)
    else:
        console = Console(highlight=False)
        for one in found:
            _show(one, console)
    if failures:
        raise UserError("\n".join(map(str, failures)))


def _explained(file: str, name: str, keys: Mapping[str, str], said: str) -> list[Explained]:
    found = []
    with open_logs(file) as logs:
        for log in logs:
            if isinstance(log, Broken):
                raise log.error
            log.sample()
            chosen = choose_format(name, log.name, log.opening(), keys, said)
            lines = explained(log.opening(), chosen)
            found.append(Explained(log.name, chosen.format.title, chosen.why, lines))
    return found


def _show(one: Explained, console: Console) -> None:
    console.print(
        f"[bold]{escape(one.file)}[/]: {escape(one.format)} ({escape(one.format_reason)})", soft_wrap=True
    )
    for line in one.lines:
        console.print(f"\n  line {line.number}: {escape(line.text)}", soft_wrap=True)
        if line.problem:
            console.print(f"    {escape(line.problem)}", style="yellow", soft_wrap=True)
        for row in _rows(line):
            console.print(f"    {escape(row)}", soft_wrap=True)


def _rows(line: Line) -> Iterator[str]:
    """What a value is taken for, its name, and the value, in columns."""
    meaning, name = (
        max((len(getattr(one, what)) for one in line.fields), default=0) for what in ("meaning", "name")
    )
    for field in line.fields:
        yield f"{field.meaning:<{meaning}}  {field.name:<{name}}  {field.value}"
