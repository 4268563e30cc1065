"""``crawlight compare``: what people see of a page beside what crawlers get, without a server."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from crawlight.cli.context import Context, context_of
from crawlight.cli.render import Allow, Language, Url, request_of
from crawlight.errors import UserError
from crawlight.kit.logs import configure_logs

app = typer.Typer(add_completion=False)


@app.command()
def compare(
    ctx: typer.Context,
    url: Url,
    allow: Allow = None,
    language: Language = "",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Open a page in a plain browser for ten seconds, and say what crawlers do not get of it.

    The browser loads everything, as a person's does. Exits with 1 if the page is not whole.
    """
    context = context_of(ctx)
    found = asyncio.run(_compare(context, url, tuple(allow or ()), language))
    if as_json or context.json:
        Context(context.data_dir, json=True).say("", found)
    else:
        typer.echo("\n".join(told(found)))
    if not found.whole:
        raise typer.Exit(1)


async def _compare(context: Context, url: str, allow: tuple[str, ...], language: str) -> Any:
    # These load slowly, and are needed here only.
    from crawlight.domains.failures import FAILURES
    from crawlight.rendering.comparison import failed
    from crawlight.rendering.plain import PlainError, compared
    from crawlight.rendering.renderer import RenderError
    from crawlight.runtime.renderer import open_renderer

    settings = context.settings()
    configure_logs("error", settings.log_format)
    request = await request_of(settings, url, allow, language)
    renderer = open_renderer(settings)
    if sys.stderr.isatty():
        typer.echo("This takes some fifteen seconds.", err=True)
    try:
        page = await renderer.render(request)
        return await compared(await renderer.supervisor.browser(), request, page.html, page.location)
    except RenderError as error:
        if error.reason in ("blocked_address", "browser_down", "unreachable"):
            hint = (
                "; --allow lets it, such as --allow 127.0.0.0/8" if error.reason == "blocked_address" else ""
            )
            raise UserError(f"{url} was not rendered ({error.reason}): {error}{hint}") from None
        return failed(url, f"Crawlers get no page: {FAILURES[error.reason]}")
    except PlainError as error:
        raise UserError(f"{url} was not shown: {error}") from None
    finally:
        await renderer.close()


def told(found: Any) -> list[str]:
    """A comparison in lines of text."""
    verdict = "whole: crawlers get what people see" if found.whole else "not whole"
    lines = [f"{found.url} is {verdict}"]
    if found.failure:
        return [*lines, f"  {found.failure}"]
    if found.people_words or found.crawler_words:
        lines.append(f"  words      people {found.people_words:,}, crawlers {found.crawler_words:,}")
    lines += _change("text", "missing", found.text_missing) + _change("text", "added", found.text_added)
    for one in found.head:
        lines += [
            f"  {one.name}",
            f"    people   {', '.join(one.people) or '–'}",
            f"    crawlers {', '.join(one.crawlers) or '–'}",
        ]
    lines += _change("links", "missing", found.links_missing) + _change("links", "added", found.links_added)
    return lines + _change("pictures", "missing", found.pictures_missing)


def _change(what: str, how: str, change: Any) -> list[str]:
    if not change.count:
        return []
    sign = "-" if how == "missing" else "+"
    lines = [f"  {what:<10} {change.percent} % {how} ({change.count:,})"]
    lines += [f"    {sign} {piece}" for piece in change.first[:5]]
    return lines + ([f"    and {len(change.first) - 5} more"] if len(change.first) > 5 else [])
