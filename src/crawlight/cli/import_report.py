"""What ``crawlight import`` tells people."""

from collections.abc import Iterable

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crawlight.cli.context import Context
from crawlight.errors import UserError
from crawlight.ingest.summary import IDENTITIES, Failure, Summary
from crawlight.kit.plural import plural
from crawlight.kit.printable import MOST_SHOWN, printable, printable_lines, printable_path

_MEANING = {
    "crawls": "crawls of pages",
    "robots": "fetches of robots.txt, sitemaps, llms.txt",
    "libraries": "HTTP libraries and scripts",
    "people": "people, and programs that do not say they are bots",
    "assets": "assets fetched by crawlers",
    "other_methods": "methods other than GET and HEAD",
    "no_page": "targets that name no page",
    "no_user_agent": "without a user agent (common log format): nobody can be recognised",
    "other_hosts": "for hosts that are not the domain",
    "no_request": "not visitors' requests: headers, messages, what a CDN fetches for itself",
    "outside": "outside of --since and --until",
    "too_old": "older than the numbers are kept (CRAWLIGHT_RETENTION_MONTHS)",
    "future": "from the future",
    "rejected": "not readable",
    "empty": "empty",
}
_SHOWN_AGENTS = 12
_SHOWN_HOSTS = 5


class Report:
    """What is told of each file as it comes, and at the end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._summaries: list[Summary] = []
        self._failures: list[Failure] = []

    def add(self, figures: Summary) -> None:
        """Tell of a file that was imported."""
        self._summaries.append(figures)
        if not self._context.json:
            show(figures, Console(highlight=False))

    def add_failure(self, file: str, error: str) -> None:
        """Tell of a file that could not be imported."""
        self._failures.append(Failure(printable_path(file), error))
        tell(error)

    def end(self) -> None:
        """Print all as JSON where that is wanted. Raises Exit or UserError where not all was imported."""
        if self._context.json:
            self._context.say("", [*self._summaries, *self._failures])
        of = len(self._summaries) + len(self._failures)
        if self._failures and of > 1:
            raise UserError(f"{len(self._failures)} of {of} files were not imported")
        if self._failures:
            raise typer.Exit(1)


def tell(error: str) -> None:
    """Say on standard error why something was not imported."""
    typer.echo(f"crawlight: {printable_lines(error)}", err=True)


def show(figures: Summary, console: Console) -> None:
    """Print the figures for people."""
    already = f", {figures.already_imported:,} were imported before" if figures.already_imported else ""
    lines = plural(figures.lines, "new line")
    why = f" ({escape(printable(figures.format_reason))})" if figures.format_reason else ""
    console.print(f"[bold]{escape(figures.file)}[/]: {figures.format}{why}, {lines}{already}", soft_wrap=True)
    if figures.first_crawl and figures.last_crawl:
        console.print(
            f"  crawls from {figures.first_crawl:%Y-%m-%d %H:%M} to {figures.last_crawl:%Y-%m-%d %H:%M} UTC"
        )
    console.print(_table((count, _MEANING[name]) for name, count in figures.buckets.items() if count))
    agents = list(figures.agents.items())
    if agents:
        first = ", the first:" if len(agents) > _SHOWN_AGENTS else ":"
        console.print(f"  [bold]{plural(len(agents), 'crawler')}[/]{first}")
        console.print(_agents_table(figures, [name for name, _ in agents[:_SHOWN_AGENTS]]))
    if spoofed := sum(found["spoofed"] for found in figures.identities.values()):
        console.print(f"  {plural(spoofed, 'crawl')} by impostors: kept apart, in no count of crawls")
    if len(figures.domains) > 1:
        crawled = sorted(figures.domains.items(), key=lambda domain: (-domain[1], domain[0]))
        console.print(f"  [bold]{plural(len(crawled), 'domain')}[/]:")
        console.print(_table((count, host) for host, count in crawled))
    if figures.other_hosts:
        hosts = [
            f"{printable(host, MOST_SHOWN) or '(none)'} {count:,}"
            for host, count in list(figures.other_hosts.items())[:_SHOWN_HOSTS]
        ]
        console.print(f"  other hosts, the most frequent: {escape(', '.join(hosts))}", soft_wrap=True)
    for note in figures.notes:
        console.print(f"  {escape(note)}", style="yellow", soft_wrap=True)
    for line in figures.rejected:
        console.print(
            f"  line {line.line}: {escape(line.reason)}: {escape(line.text)}", style="yellow", soft_wrap=True
        )


def _agents_table(figures: Summary, agents: Iterable[str]) -> Table:
    """Crawls of each agent, and who they were."""
    table = Table(box=None, padding=(0, 1, 0, 2))
    for title in ("crawls", "", *IDENTITIES):
        table.add_column(title, justify="left" if not title else "right", style=None if title else "bold")
    for agent in agents:
        found = figures.identities.get(agent, {})
        told = (f"{found[said]:,}" if found.get(said) else "" for said in IDENTITIES)
        table.add_row(f"{figures.agents[agent]:,}", escape(printable(agent, MOST_SHOWN)), *told)
    return table


def _table(rows: Iterable[tuple[int, str]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    table.add_column(justify="right")
    for count, text in rows:
        table.add_row(f"{count:,}", escape(text))
    return table
