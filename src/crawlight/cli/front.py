"""``crawlight front``: the Caddy before the domains whose DNS points here."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.errors import UserError

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.domains.sites import Site
    from crawlight.front.check import Checked
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """Check or stop the front: Caddy, for domains whose DNS points here."""


@app.command()
def stop(ctx: typer.Context) -> None:
    """End Caddy, which a server leaves running when it ends: until the next `serve --front` no domain is served."""
    from crawlight.runtime.front import caddy_of

    context = context_of(ctx)
    ended = asyncio.run(caddy_of(context.settings(existing=True)).stop())
    context.say("Caddy has ended." if ended else "No Caddy runs.", {"ended": ended})


@app.command()
def check(
    ctx: typer.Context,
    host: Annotated[str, typer.Argument(help="The domain.")],
    pages: Annotated[int, typer.Option(min=1, max=1000, help="How many pages to compare.")] = 20,
) -> None:
    """Say what would differ for visitors once DNS points here. Ends with 1 where something would not work.

    Compares pages, and all that they name, with the site as it answers today; looks at DNS, certificate and
    redirects. Changes nothing.
    """
    from crawlight.kit.finding import told
    from crawlight.kit.logs import configure_logs

    async def work(database: "Database", settings: "Settings") -> "Checked":
        from crawlight.domains.proof import Outside
        from crawlight.front.check import check as check_site
        from crawlight.kit.addresses import parse_networks
        from crawlight.runtime.front import here_of

        configure_logs("error", settings.log_format)
        site = await _site(database, host)
        here = await here_of(settings, database)
        outside = Outside(allowed=parse_networks(site.settings.allowed_networks))
        return await check_site(outside, site, await _paths(database, site, pages), here)

    context = context_of(ctx)
    checked = context.run(work)
    lines = [f"{checked.host} through the front, compared with {checked.compared_with}"]
    context.say("\n".join([*lines, *map(told, checked.findings)]), checked)
    if not checked.ready:
        raise typer.Exit(1)


async def _site(database: "Database", host: str) -> "Site":
    from crawlight.domains.fronting import checked_origin
    from crawlight.domains.registry import find_domain
    from crawlight.domains.sites import load_sites

    domain = await find_domain(database, host)
    await checked_origin(database, domain, None)
    site = (await load_sites(database, [domain.id])).get(domain.id)
    if site is None:
        raise UserError(f"{domain.host} is waiting for proof that it is yours")
    return site.on_front()


async def _paths(database: "Database", site: "Site", most: int) -> list[str]:
    """The home page, and known pages or those of the sitemap."""
    from crawlight.domains.inventory import Wanted, find_pages
    from crawlight.rendering.sitemaps import Reading

    known, _ = await find_pages(database, site.id, Wanted(sort="-rendered"), limit=most)
    paths = ["/", *(one.path for one in known)]
    reading = Reading(site, "")
    if len(known) < most:
        async for some in reading.paths():
            paths += some
            if len(paths) > most:
                break
    return list(dict.fromkeys(paths))[:most]
