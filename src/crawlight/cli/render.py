"""``crawlight render``: prerender one page, without a server."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crawlight.cli.context import Context, context_of
from crawlight.errors import UserError
from crawlight.ids import NO_DOMAIN
from crawlight.kit.disk import for_whom
from crawlight.kit.logs import configure_logs

app = typer.Typer(add_completion=False)

Url = Annotated[str, typer.Argument(help="Address of the page.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="NETWORK",
        help="Network beside the public internet, such as 127.0.0.0/8; repeatable.",
    ),
]
Language = Annotated[str, typer.Option("--language", help="Language to ask for, such as de-AT.")]


@app.command()
def render(
    ctx: typer.Context,
    url: Url,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print what the origin sends, before scripts run.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the content of the page as Markdown, as agents get it.")
    ] = False,
    screenshot: Annotated[
        Path | None, typer.Option("--screenshot", metavar="FILE", help="Write what there is to see, as PNG.")
    ] = None,
    timing: Annotated[bool, typer.Option("--timing", help="Say on stderr what took how long.")] = False,
    allow: Allow = None,
    language: Language = "",
) -> None:
    """Print a page as a crawler gets it. Needs a browser, but no server.

    A page of a domain of this installation is fetched as its settings say.
    """
    context = context_of(ctx)
    page = asyncio.run(_render(context, url, tuple(allow or ()), language, screenshot))
    html = page.raw_html if raw else page.html
    text = asyncio.run(markdown_of(html, page.final_url or url)) if markdown else None
    if context.json:
        context.say(
            "", _facts(page) | ({"markdown": text.text, "markdownTokens": text.tokens} if text else {})
        )
    else:
        sys.stdout.buffer.write(text.text.encode("utf-8", "replace") if text else html)
        if sys.stdout.isatty():
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
    for line in _told(page) if timing or page.status != 200 or page.notes else []:
        if timing or not line.endswith(" ms"):
            typer.echo(line, err=True)


async def _render(
    context: Context, url: str, allow: tuple[str, ...], language: str, screenshot: Path | None
) -> Any:
    # These load slowly, and are needed here only.
    from crawlight.rendering.renderer import RenderError
    from crawlight.runtime.renderer import open_renderer

    settings = context.settings()
    configure_logs("error", settings.log_format)
    request = await request_of(settings, url, allow, language, screenshot=screenshot is not None)
    renderer = open_renderer(settings)
    try:
        page = await renderer.render(request)
    except RenderError as error:
        hint = "; --allow lets it, such as --allow 127.0.0.0/8" if error.reason == "blocked_address" else ""
        raise UserError(f"{url} was not rendered ({error.reason}): {error}{hint}") from None
    finally:
        await renderer.close()
    if screenshot is not None:
        _write(screenshot, page.screenshot)
    return page


async def markdown_of(html: bytes, url: str) -> Any:
    """The Markdown of a page. Raises UserError."""
    from crawlight.kit.confined import TooMuchError
    from crawlight.markdown.sparing import markdown_confined

    try:
        return await markdown_confined(html, url)
    except TooMuchError as error:
        raise UserError(f"{url} cannot be written as Markdown: {error}") from None


async def request_of(
    settings: Any, url: str, allow: tuple[str, ...], language: str, *, screenshot: bool = False
) -> Any:
    """What to ask of the renderer: a page of a domain of this installation as its settings say. Raises UserError."""
    from crawlight.cli.places import Places
    from crawlight.kit.addresses import parse_networks
    from crawlight.kit.urls import split_url
    from crawlight.rendering.late import LOOK_SECONDS
    from crawlight.rendering.renderer import RenderRequest

    if split_url(url) is None:
        raise UserError(f"{url} is no http(s) URL, such as https://example.com/")
    try:
        places = await Places.of(settings, parse_networks(allow))
    except ValueError as error:
        raise UserError(f"--allow: {error}") from None
    site = places.site(url)
    return RenderRequest(
        url=url,
        domain_id=NO_DOMAIN,
        account_id=0,
        origin=places.origin(url),
        language=language or (site.settings.language if site else ""),
        allowed_networks=tuple(map(str, places.allowed(url))),
        screenshot=screenshot,
        # Nobody waits for an answer here: so the page is as whole as at a crawler's second visit.
        look=LOOK_SECONDS,
    )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}{for_whom(error)}") from None


def _told(page: Any) -> list[str]:
    status = f"status {page.status} ({page.reason})" + (f" to {page.location}" if page.location else "")
    return [status, *page.notes, *(f"{name:<8}{moment:>6} ms" for name, moment in page.timing.items())]


def _facts(page: Any) -> dict[str, Any]:
    return {
        "status": page.status,
        "reason": page.reason,
        "location": page.location,
        "finalUrl": page.final_url,
        "headers": page.headers,
        "milliseconds": page.milliseconds,
        "completeAfter": page.complete or None,
        "late": {"milliseconds": page.late.milliseconds, "what": page.late.what} if page.late else None,
        "timing": page.timing,
        "notes": page.notes,
        "html": page.html.decode("utf-8", "replace"),
        "rawHtml": page.raw_html.decode("utf-8", "replace"),
    }
