"""``crawlight purge``: mark a page as wanted."""

from typing import Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.database.engine import Database
from crawlight.domains import purges, registry
from crawlight.errors import UserError
from crawlight.kit.urls import canonical_path, canonical_url
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def purge(
    ctx: typer.Context,
    host: Annotated[str, typer.Argument(help="The domain.")],
    path: Annotated[str, typer.Argument(help="The page's path, from /, with its query.")],
) -> None:
    """Have a page rendered again."""
    page = canonical_path(path) if path.startswith("/") else None
    if page is None:
        raise UserError(f"{path[:60]!r} is no path of a page; it starts with / and has up to 8,192 bytes")

    async def work(database: Database, _: Settings) -> str:
        domain = await registry.find_domain(database, host)
        [(_id, own)] = await purges.purge(database, [(domain.id, page)])
        return canonical_url(domain.host, own)

    url = context_of(ctx).run(work)
    context_of(ctx).say(
        f"{url} is marked as wanted.",
        {"queued": True, "url": url},
    )
