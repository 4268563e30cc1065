"""``crawlight doctor``: checks the installation, and says what to do."""

import asyncio

import typer

from crawlight.cli.checkup import check_all
from crawlight.cli.context import context_of
from crawlight.kit.finding import told
from crawlight.kit.logs import configure_logs

app = typer.Typer(add_completion=False)


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check disk, stores, clocks, spool, browser, port and front. Ends with 1 where something does not work."""
    context = context_of(ctx)
    settings = context.settings()
    configure_logs("error", settings.log_format)  # What is wrong is told by the findings.
    found = asyncio.run(check_all(settings))
    context.say("\n".join(map(told, found)), found)
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)
