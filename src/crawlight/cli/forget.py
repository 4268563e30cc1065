"""``crawlight forget``: remove everything of a domain."""

import asyncio
from typing import Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.control import ask
from crawlight.domains.hosts import domain_host
from crawlight.errors import UserError
from crawlight.runtime.services import open_services
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def forget(
    ctx: typer.Context,
    host: Annotated[str, typer.Argument(help="The domain, with or without www.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a domain and everything that is known of it: crawls, numbers, pages, snapshots. For good."""
    name = domain_host(host)
    if not yes:
        _ask(name)
    forgotten = asyncio.run(_forget(context_of(ctx).settings(), name))
    context_of(ctx).say(f"{forgotten} is forgotten.", {"host": forgotten})


def _ask(name: str) -> None:
    question = f"Everything of {name} will be removed for good. Type the name to go on"
    if typer.prompt(question, err=True, default="", show_default=False).strip().lower() != name:
        raise UserError("nothing was removed")


async def _forget(settings: Settings, name: str) -> str:
    answer = await ask(settings.data_dir, "forget", host=name)
    if answer is None:
        async with open_services(settings) as services:
            answer = await services.loading.forget(name)
    return answer.decode()
