"""``crawlight warm`` and ``crawlight refresh``: have many pages rendered."""

from typing import Annotated, Literal

import typer
from rich.console import Console

from crawlight.cli.context import context_of
from crawlight.database.engine import Database
from crawlight.domains import refreshes, registry
from crawlight.domains.sites import load_sites
from crawlight.errors import UserError
from crawlight.kit.logs import configure_logs
from crawlight.rendering.warming import Warmed, warm
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)
refresh_app = typer.Typer(add_completion=False)

Host = Annotated[str, typer.Argument(help="The domain.")]


@app.command()
def warm_pages(ctx: typer.Context, host: Host) -> None:
    """Read the domain's sitemaps; a running server renders their pages that have no snapshot."""
    console = Console(stderr=True)

    async def work(database: Database, settings: Settings) -> Warmed:
        configure_logs("error", settings.log_format)
        domain = await registry.find_domain(database, host)
        site = (await load_sites(database, [domain.id]))[domain.id]
        with console.status(f"Reading the sitemaps of {domain.host}") as status:
            return await warm(database, site, lambda count: status.update(f"{count:,} pages so far"))

    done = context_of(ctx).run(work)
    for problem in done.problems:
        console.print(problem, style="yellow", highlight=False, markup=False, soft_wrap=True)
    if not done.pages:
        if context_of(ctx).json:
            context_of(ctx).say("", done)
        raise UserError(f"the sitemaps of {done.host} name no pages of it")
    context_of(ctx).say(
        f"Pages in the sitemap: {done.pages:,}, of them new: {done.new:,}. "
        f"The server is to render {done.wanted:,}, as long as it runs.",
        done,
    )


@refresh_app.command()
def refresh(
    ctx: typer.Context,
    host: Host,
    action: Annotated[
        Literal["start", "status", "pause", "resume", "cancel"], typer.Argument(help="What to do.")
    ] = "start",
) -> None:
    """Render all known pages of a domain again, in the background of a running server."""

    async def work(database: Database, _: Settings) -> refreshes.Progress | None:
        domain = await registry.find_domain(database, host)
        if action == "start":
            await refreshes.begin(database, domain.id)
        elif action in ("pause", "resume"):
            await refreshes.pause(database, domain.id, action == "pause")
        elif action == "cancel":
            await refreshes.cancel(database, domain.id)
        return await refreshes.progress(database, domain.id)

    state = context_of(ctx).run(work)
    if state is None:
        raise UserError(f"{host} was never refreshed; begin with `crawlight refresh {host}`")
    paused = ", paused" if state.paused and state.left else ""
    context_of(ctx).say(f"{state.total - state.left:,} of {state.total:,} pages are done{paused}.", state)
