"""``crawlight report``: the period on paper."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.control import ask
from crawlight.errors import UserError
from crawlight.kit.clock import now
from crawlight.kit.disk import for_whom
from crawlight.kit.logs import configure_logs
from crawlight.kit.periods import PERIODS
from crawlight.runtime.services import open_services
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)


@app.command("report")
def print_report(
    ctx: typer.Context,
    user: Annotated[str, typer.Option(metavar="EMAIL", help="The account.")],
    domain: Annotated[str, typer.Option(metavar="HOST", help="One of its domains; else all of them.")] = "",
    period: Annotated[str, typer.Option(metavar="P", help=f"One of {', '.join(PERIODS)}.")] = "30d",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; - is stdout.")
    ] = None,
) -> None:
    """Print the crawls of a period as PDF, with charts: for one domain, or all that the account may see."""
    from crawlight.report.reporter import file_name

    if period not in PERIODS:
        raise typer.BadParameter(f"{period!r} is not one of {', '.join(PERIODS)}", param_hint="--period")
    context = context_of(ctx)
    pdf = asyncio.run(_report(context.settings(existing=True), user, domain, period))
    if output == Path("-"):
        sys.stdout.buffer.write(pdf)
        return
    path = output or Path(file_name(domain, period, now()))
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(pdf)
        part.replace(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}{for_whom(error)}") from None
    context.say(f"{path}: {len(pdf):,} bytes", {"file": str(path), "bytes": len(pdf)})


async def _report(settings: Settings, email: str, host: str, period: str) -> bytes:
    configure_logs("warning", settings.log_format)
    pdf = await ask(settings.data_dir, "report", email=email, period=period, host=host)
    if pdf is not None:
        return pdf
    async with open_services(settings) as services:
        return await services.report(email, period, host)
