"""``crawlight export``: the export document of an account."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.control import ask
from crawlight.errors import UserError
from crawlight.kit.disk import for_whom
from crawlight.kit.loading import loading
from crawlight.kit.periods import PERIODS
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)


@app.command("export")
def export_document(
    ctx: typer.Context,
    user: Annotated[str, typer.Option(metavar="EMAIL", help="The account.")],
    period: Annotated[str, typer.Option(metavar="P", help=f"One of {', '.join(PERIODS)}.")] = "30d",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, not to stdout.")
    ] = None,
) -> None:
    """Print the JSON document that the API answers; on every plan, without using quota."""
    if period not in PERIODS:
        raise typer.BadParameter(f"{period!r} is not one of {', '.join(PERIODS)}", param_hint="--period")
    document = asyncio.run(_document(context_of(ctx).settings(existing=True), user, period))
    if output is None:
        sys.stdout.buffer.write(document + b"\n")
        return
    part = output.with_name(output.name + ".part")
    try:
        part.write_bytes(document + b"\n")
        part.replace(output)
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}{for_whom(error)}") from None
    if context_of(ctx).json:
        context_of(ctx).say("", {"file": str(output), "bytes": len(document) + 1})


async def _document(settings: Settings, email: str, period: str) -> bytes:
    document = await ask(settings.data_dir, "export", email=email, period=period)
    if document is not None:
        return document
    # Loads slowly, and a running server has it already.
    with loading():
        from crawlight.cli.counting import counting

    async with counting(settings) as (loader, export):
        await loader.load_published()  # A server that died may have left crawls that it had accepted.
        return await export(email, period)
