"""What ``crawlight import`` tells of each file, for machines and for people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crawlight.ingest.importing import Imported
from crawlight.ingest.staged import BUCKETS, OTHERS, Rejected, Staged
from crawlight.ingest.undoing import Listed
from crawlight.kit.printable import MOST_SHOWN, printable

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
_MEASURES = {"bytes": "size", "milliseconds": "time"}
IDENTITIES = ("verified", "unverifiable", "unchecked", "spoofed")
_SHOWN_AGENTS = 12
_SHOWN_HOSTS = 5
_MOST_HOSTS = 100


class Summary(msgspec.Struct, frozen=True):
    """One file as ``--json`` prints it. ``lines`` counts what was new; the buckets add up to it.

    ``identities`` says of each agent's crawls how many are verified, unverifiable, unchecked and spoofed: the last are
    in no count of crawls.
    ``unread`` says of how many records the ``bytes`` or ``milliseconds`` cannot be read; they count all the same.
    ``domains`` has the crawls of each, ``other_hosts`` the most frequent ones of the lines left out for their host.
    """

    file: str
    format: str
    format_reason: str
    lines: int
    already_imported: int
    first_crawl: datetime | None
    last_crawl: datetime | None
    buckets: dict[str, int]
    unread: dict[str, int]
    other_formats: dict[str, int]
    agents: dict[str, int]
    identities: dict[str, dict[str, int]]
    domains: dict[str, int]
    other_hosts: dict[str, int]
    rejected: list[Rejected]
    notes: list[str]


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be imported, as ``--json`` prints it."""

    file: str
    error: str


def summary(imported: Imported) -> Summary:
    """The figures of an imported file."""
    staged = imported.staged
    return Summary(
        file=imported.file,
        format=imported.format,
        format_reason=imported.why,
        lines=staged.lines,
        already_imported=imported.already,
        first_crawl=staged.first,
        last_crawl=staged.last,
        buckets={name: staged.buckets[name] for name in BUCKETS},
        unread={name: staged.unread[name] for name in _MEASURES},
        other_formats=dict(staged.formats.most_common()),
        agents=dict(staged.agents.most_common()),
        identities=_identities(staged),
        domains={host: staged.domains[number] for host, number in imported.domains.items()},
        other_hosts=dict(staged.hosts.most_common(_MOST_HOSTS)),
        rejected=staged.rejected,
        notes=[*imported.notes, *_unread(staged)],
    )


def _unread(staged: Staged) -> list[str]:
    """What is to be said of sizes and times that cannot be read."""
    found = ((_MEASURES[name], number) for name, number in staged.unread.items())
    return [
        f"the {what} of {_counted(number, 'crawl')} cannot be read, and stays unknown"
        for what, number in found
    ]


def _identities(staged: Staged) -> dict[str, dict[str, int]]:
    """How many crawls of each agent are what, the most frequent agents first."""
    return {
        agent: {said: staged.identities[agent, said] for said in IDENTITIES}
        for agent, _ in staged.agents.most_common()
        if agent != OTHERS
    }


def show(figures: Summary, console: Console) -> None:
    """Print the figures for people."""
    already = f", {figures.already_imported:,} were imported before" if figures.already_imported else ""
    lines = _counted(figures.lines, "new line")
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
        console.print(f"  [bold]{_counted(len(agents), 'crawler')}[/]{first}")
        console.print(_agents_table(figures, [name for name, _ in agents[:_SHOWN_AGENTS]]))
    if spoofed := sum(found["spoofed"] for found in figures.identities.values()):
        console.print(f"  {_counted(spoofed, 'crawl')} by impostors: kept apart, in no count of crawls")
    if len(figures.domains) > 1:
        crawled = sorted(figures.domains.items(), key=lambda domain: (-domain[1], domain[0]))
        console.print(f"  [bold]{_counted(len(crawled), 'domain')}[/]:")
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


def imports_table(found: Sequence[Listed]) -> str:
    """The imports, a line each: number, day and time, records by domain, file."""
    return "\n".join(
        f"{one.number:>6}  {one.imported_at[:16].replace('T', ' ')}  {_gave(one):<40}  {printable(one.file)}"
        for one in found
    )


def taken_back(one: Listed) -> str:
    """What is told of an import that was taken back."""
    return f"Took back import {one.number} of {printable(one.file)}: {_gave(one)}. It can be imported again."


def _gave(one: Listed) -> str:
    return ", ".join(f"{_counted(number, 'record')} of {host}" for host, number in one.records.items())


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
