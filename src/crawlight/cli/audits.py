"""``crawlight audit``: the SEO audit of pages, without a server."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crawlight.audit import Issue
from crawlight.cli.auditing import Audited, Auditor, Unread
from crawlight.cli.context import Context, context_of
from crawlight.cli.places import Places
from crawlight.errors import UserError
from crawlight.kit.addresses import Network, parse_networks
from crawlight.kit.logs import configure_logs

app = typer.Typer(add_completion=False)

_SHOWN_WHOLE: Final = 5
"""Pages that are shown with all their issues; of more there is a line each."""
_SHOWN_FREQUENT: Final = 20
_PIPE_WIDTH: Final = 160
_COLOURS: Final = {"error": "bold red", "warning": "yellow", "notice": "cyan"}
_LOCAL: Final = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@app.command()
def audit(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="URL_OR_FILE...", help="Pages, or files of HTML.")
    ] = None,
    sitemap: Annotated[
        str, typer.Option("--sitemap", metavar="URL", help="Audit all pages of a sitemap, too.")
    ] = "",
    fail_under: Annotated[
        int, typer.Option(min=0, max=100, metavar="N", help="Exit with 1 if a page scores less.")
    ] = 0,
    agents: Annotated[
        bool,
        typer.Option("--agents", help="Look at what AI agents get, too; exit with 1 if a check of it fails."),
    ] = False,
    local: Annotated[
        bool, typer.Option("--local", help="Reach this machine and private networks, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Audit pages for SEO: a score from 0 to 100, what is wrong, and how to fix it."""
    if not targets and not sitemap:
        raise typer.BadParameter("give a URL, a file, or --sitemap", param_hint="URL_OR_FILE")
    context = context_of(ctx)
    allowed = parse_networks(_LOCAL) if local else ()
    results = asyncio.run(_audit(context, targets or [], sitemap, allowed, agents))
    if as_json or context.json:
        Context(context.data_dir, json=True).say("", results)
    else:
        _show(results, _console())
    _judge(results, fail_under)


async def _audit(
    context: Context, targets: Sequence[str], sitemap: str, allowed: tuple[Network, ...], agents: bool
) -> list[Audited | Unread]:
    """Audit everything that was asked for; results in its order."""
    settings = context.settings()
    configure_logs("error", settings.log_format)
    places = await Places.of(settings, allowed)
    async with Auditor(settings.browser_url, settings.browser_path, places, agents=agents) as auditor:
        pages = await auditor.pages_of(sitemap) if sitemap else []
        wanted = list(dict.fromkeys([*targets, *pages]))
        results: dict[str, Audited | Unread] = {}
        with _bar() as bar:
            task = bar.add_task("Auditing", total=len(wanted))
            async for result in auditor.audit_all(wanted):
                results[result.target] = result
                bar.advance(task)
    return [results[target] for target in wanted]


def _judge(results: Sequence[Audited | Unread], fail_under: int) -> None:
    """End with status 1 where a page could not be had, or scores too little."""
    unread = [result for result in results if isinstance(result, Unread)]
    if len(unread) == 1 == len(results):
        raise UserError(f"{unread[0].target}: {unread[0].error}")
    if unread:
        raise UserError(f"{len(unread)} of {len(results)} pages could not be audited")
    under = sum(1 for result in results if isinstance(result, Audited) and result.score < fail_under)
    if under:
        raise UserError(f"{under} of {len(results)} pages score less than {fail_under}")
    unready = sum(1 for result in results if isinstance(result, Audited) and _failed(result))
    if unready:
        raise UserError(f"{unready} of {len(results)} pages fail a check for AI agents")


def _show(results: Sequence[Audited | Unread], console: Console) -> None:
    audited = [result for result in results if isinstance(result, Audited)]
    if len(results) <= _SHOWN_WHOLE:
        for page in audited:
            _show_page(page, console)
            if page.agents:
                console.print(_agents([page]))
        if len(results) > 1:
            _tell_unread(results)
        return
    console.print(_pages(results))
    console.print(_frequent(audited))
    if any(page.agents for page in audited):
        console.print(_agents(audited))


def _tell_unread(results: Sequence[Audited | Unread]) -> None:
    for result in results:
        if isinstance(result, Unread):
            typer.echo(f"{result.target}: {result.error}", err=True)


def _show_page(page: Audited, console: Console) -> None:
    console.print(f"{_score(page.score)} {escape(page.url)}", soft_wrap=True)
    if page.note:
        console.print(f"  {escape(page.note)}", style="dim", soft_wrap=True)
    if not page.issues:
        console.print("  No issues.\n")
        return
    table = Table("severity", "weight", "issue", "how to fix it", box=box.SIMPLE_HEAD)
    for issue in page.issues:
        severity = f"[{_COLOURS[issue.severity]}]{issue.severity}[/]"
        table.add_row(severity, str(-issue.weight or 0), _described(issue), escape(issue.fix))
    console.print(table)


def _described(issue: Issue) -> str:
    lines = [f"[bold]{escape(issue.title)}[/] [dim]{issue.check}[/]", escape(issue.found)]
    lines += [f"[dim]{escape(element)}[/]" for element in issue.elements]
    if issue.count > len(issue.elements):
        lines.append(f"[dim]and {issue.count - len(issue.elements):,} more[/]")
    return "\n".join(lines)


def _pages(results: Sequence[Audited | Unread]) -> Table:
    """One line a page, the worst first."""
    table = Table("score", "issues", "page", "worst issue", box=box.SIMPLE_HEAD)
    for result in sorted(results, key=lambda one: one.score if isinstance(one, Audited) else -1):
        if isinstance(result, Unread):
            table.add_row("–", "–", escape(result.target), f"[red]{escape(result.error)}[/]")
            continue
        worst = result.issues[0].title if result.issues else ""
        table.add_row(_score(result.score), str(len(result.issues)), escape(result.url), escape(worst))
    return table


def _frequent(pages: Sequence[Audited]) -> Table:
    counts = Counter((issue.severity, issue.title) for page in pages for issue in page.issues)
    table = Table("pages", "severity", "issue", box=box.SIMPLE_HEAD)
    for (severity, title), count in counts.most_common(_SHOWN_FREQUENT):
        table.add_row(str(count), f"[{_COLOURS[severity]}]{severity}[/]", escape(title))
    return table


def _failed(page: Audited) -> bool:
    return any(one.ok is False for one in page.agents)


def _agents(pages: Sequence[Audited]) -> Table:
    """The checks for AI agents; what several pages say alike stands there once."""
    table = Table("AI agents", "", "found", "how to change it", box=box.SIMPLE_HEAD)
    told = dict.fromkeys(one for page in pages for one in page.agents)
    for one in sorted(told, key=lambda one: one.check):
        mark = {True: "[green]yes[/]", False: "[red]no[/]", None: "[dim]?[/]"}[one.ok]
        table.add_row(one.check, mark, escape(one.found), escape(one.fix))
    return table


def _score(score: int) -> str:
    colour = "green" if score >= 90 else "yellow" if score >= 50 else "red"
    return f"[bold {colour}]{score:3}[/]"


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _PIPE_WIDTH)
    return console


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
