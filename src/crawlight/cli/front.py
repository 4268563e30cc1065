"""``crawlight front``: the Caddy before the domains whose DNS points here."""

import asyncio

import typer

from crawlight.cli.context import context_of

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """The Caddy before the domains whose DNS points here."""


@app.command()
def stop(ctx: typer.Context) -> None:
    """End Caddy, which a server leaves running when it ends: until the next `serve --front` no domain is served."""
    from crawlight.runtime.front import caddy_of

    context = context_of(ctx)
    ended = asyncio.run(caddy_of(context.settings(existing=True)).stop())
    context.say("Caddy has ended." if ended else "No Caddy runs.", {"ended": ended})
