"""``crawlight file``: robots.txt and other files of a domain that Crawlight answers in the place of the site."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from crawlight.cli.context import Context, context_of
from crawlight.cli.rehearsing import Rehearse, rehearse
from crawlight.errors import UserError
from crawlight.kit.disk import for_whom
from crawlight.kit.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawlight.database.engine import Database
    from crawlight.domains.hosting import Hosted
    from crawlight.domains.made_files import Made
    from crawlight.domains.site_pages import LeftOut
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)

Host = Annotated[str, typer.Argument(help="The domain.")]
Name = Annotated[str, typer.Argument(help="robots.txt, sitemap.xml or llms.txt.")]


class Row(msgspec.Struct, frozen=True):
    """One file: who answers for it, and since when."""

    name: str
    answered_by: str
    since: str


class Preview(msgspec.Struct, frozen=True, rename="camel"):
    """A file as it would be made: its text, how many pages are in it, and why others are not."""

    name: str
    files: int
    pages: int
    left_out: "Sequence[LeftOut]"
    text: str


class Shown(msgspec.Struct, frozen=True):
    """What is sent for a file; ``text`` is empty where the site answers itself."""

    host: str
    name: str
    mode: str
    text: str


@app.callback()
def group() -> None:
    """Files that Crawlight serves instead of the site: on the front, and when /v1/render is asked for them."""


@app.command("list")
def list_files(ctx: typer.Context, host: Host) -> None:
    """List the files of a domain that can be hosted, and who serves each."""

    async def work(database: "Database", _: "Settings") -> list[Row]:
        from crawlight.domains.hosted import NAMES
        from crawlight.domains.hosting import hosted
        from crawlight.domains.registry import find_domain

        domain = await find_domain(database, host)
        return [_row(name, await hosted(database, domain.id, name)) for name in NAMES]

    context_of(ctx).emit(context_of(ctx).run(work), "name", "answered_by", "since")


@app.command()
def show(ctx: typer.Context, host: Host, name: Name) -> None:
    """Print a hosted file as it is sent."""

    async def work(database: "Database", _: "Settings") -> Shown:
        import gzip

        from crawlight.domains.hosted import content_of
        from crawlight.domains.hosting import hosted
        from crawlight.domains.registry import find_domain

        domain = await find_domain(database, host)
        file = await hosted(database, domain.id, name)
        content = await content_of(database, domain.id, f"/{name}") if file else None
        text = gzip.decompress(content.gzip).decode() if content else ""
        return Shown(domain.host, name, file.mode if file else "site", text)

    shown = context_of(ctx).run(work)
    if shown.mode == "site":
        context_of(ctx).say(f"{shown.host} serves its own {name}.", shown)
    else:
        context_of(ctx).say(shown.text.removesuffix("\n"), shown)


@app.command("set")
def set_file(
    ctx: typer.Context,
    host: Host,
    name: Name,
    file: Annotated[Path, typer.Argument(help="- is stdin.")],
    rehearsed: Rehearse = None,
) -> None:
    """Host a file, or change nothing where one of its lines is wrong."""
    text = _read(file)
    if rehearsed is not None:
        from crawlight.domains.rehearsal import of_robots

        if name != "robots.txt":
            raise UserError("only a robots.txt can be rehearsed")
        rehearse(context_of(ctx), host, rehearsed, of_robots(text))
        return

    async def work(database: "Database", _: "Settings") -> str:
        from crawlight.domains.hosting import host_text
        from crawlight.domains.registry import find_domain

        domain = await find_domain(database, host)
        await host_text(database, domain.id, name, text)
        return domain.host

    found = context_of(ctx).run(work)
    context_of(ctx).say(f"Crawlight now serves {name} for {found}.", {"host": found, "hosted": True})


@app.command()
def preview(ctx: typer.Context, host: Host, name: Name) -> None:
    """Show what a sitemap or llms.txt made of the domain's pages has in it, and why other pages are left out."""
    shown = _preview(name, _made(context_of(ctx), host, name, keep=False))
    lines = [f"{one.pages:>9,}  {one.reason}: {', '.join(one.examples)}" for one in shown.left_out]
    told = [f"{shown.pages:>9,}  in {name}", *lines, "", shown.text.removesuffix("\n")]
    context_of(ctx).say("\n".join(told), shown)


@app.command()
def make(ctx: typer.Context, host: Host, name: Name) -> None:
    """Host a sitemap or llms.txt that is made of the domain's pages, now and whenever they change."""
    shown = _preview(name, _made(context_of(ctx), host, name, keep=True))
    more = f" in {shown.files - 1} files" if shown.files > 1 else ""
    left = sum(one.pages for one in shown.left_out)
    pages = "1 page" if shown.pages == 1 else f"{shown.pages:,} pages"
    context_of(ctx).say(f"{name} has {pages}{more}; {left:,} are left out.", shown)


@app.command()
def origin(ctx: typer.Context, host: Host, name: Name) -> None:
    """Stop hosting a file: the site serves its own again."""
    configure_logs("error")

    async def work(database: "Database", _: "Settings") -> str:
        from crawlight.domains.registry import find_domain
        from crawlight.rendering.origins import leave_to_site

        domain = await find_domain(database, host)
        if not await leave_to_site(database, domain.id, name):
            raise UserError(f"{name} of {domain.host} is not hosted here")
        return domain.host

    found = context_of(ctx).run(work)
    context_of(ctx).say(f"{found} serves its own {name} again.", {"host": found, "hosted": False})


def _made(context: Context, host: str, name: str, *, keep: bool) -> "Made":
    async def work(database: "Database", settings: "Settings") -> "Made":
        from crawlight.domains.made_files import host_made, preview
        from crawlight.domains.registry import find_domain
        from crawlight.domains.sites import load_sites
        from crawlight.rendering.bodies import Bodies
        from crawlight.rendering.page_texts import MadeFiles
        from crawlight.rendering.snapshots import Snapshots

        configure_logs("error", settings.log_format)
        domain = await find_domain(database, host)
        site = (await load_sites(database, [domain.id]))[domain.id]
        snapshots = Snapshots(database, Bodies(settings.snapshots_url))
        await MadeFiles(database, snapshots).look(site)
        return await (host_made if keep else preview)(database, site, name)

    return context.run(work)


def _preview(name: str, made: "Made") -> Preview:
    text = made.files[f"/{name}"].decode()
    return Preview(name, len(made.files), len(made.pages.listed), made.pages.left_out, text)


def _row(name: str, file: "Hosted | None") -> Row:
    if file is None:
        return Row(name, "the site", "")
    by = "Crawlight, made of pages" if file.mode == "made" else "Crawlight"
    return Row(name, by, f"{file.saved_at:%Y-%m-%d %H:%M} UTC")


def _read(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return content.decode("utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}{for_whom(error)}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8") from None
