"""``crawlight doctor``: checks the installation, and says what to do."""

import asyncio

import typer

from crawlight.cli.checkup import check_all
from crawlight.cli.context import context_of
from crawlight.cli.finding import Finding
from crawlight.kit.logs import configure_logs

app = typer.Typer(add_completion=False)

_SIGNS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check disk, stores, clocks, spool, browser and port. Ends with 1 where something does not work."""
    context = context_of(ctx)
    settings = context.settings()
    configure_logs("error", settings.log_format)  # What is wrong is told by the findings.
    found = asyncio.run(check_all(settings))
    context.say("\n".join(map(_line, found)), found)
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)


def _line(one: Finding) -> str:
    advice = f"\n{'':<24}-> {one.advice}" if one.advice else ""
    return f"{_SIGNS[one.state]} {one.check:<15} {one.found}{advice}"
