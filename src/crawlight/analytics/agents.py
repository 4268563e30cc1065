"""Which bots came: by key, and by agent within it, with the shares of their identities."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import SINGLE_CRAWLS, Filters, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import Table, TableQuestion, of_domain
from crawlight.analytics.totals import change
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class AgentRow(msgspec.Struct, frozen=True, rename="camel"):
    """One agent. ``crawls`` are without the ``spoofed`` ones, which stand apart; ``change`` is a share.

    ``identities`` are counts by identity; ``pages`` those that differ, among the single crawls that are kept.
    """

    agent: str
    key: str
    category: str
    crawls: int
    spoofed: int
    change: float | None
    identities: dict[str, int]
    pages: int
    last_seen: date


class BotRow(msgspec.Struct, frozen=True, rename="camel"):
    """One bot: a key with its agents, or an agent that has no key. Members as in `AgentRow`."""

    bot: str
    key: str
    category: str
    crawls: int
    spoofed: int
    change: float | None
    identities: dict[str, int]
    pages: int
    last_seen: date
    agents: list[AgentRow]


def bots(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> list[BotRow]:
    """Bots by crawls, most first. Two queries; raises StoreError where the store is away."""
    given = parameters(domain.id, window, filters)
    with_spoofed = given | {"spoofed": True}
    rows = list(zip(*store.columns(query("by_agent", filters.facts), with_spoofed), strict=True))
    singles = given | {"first": window.singles.first}
    different = zip(*store.columns(query("agent_pages", SINGLE_CRAWLS), singles), strict=True)
    found: Mapping[tuple[str, str], int] = {(key, agent): pages for key, agent, pages in different}
    by_agent = defaultdict(list)
    for found_row in rows:
        by_agent[found_row[0], found_row[1]].append(found_row)
    agents = [_agent(some, found.get(name, 0)) for name, some in by_agent.items()]
    by_bot: dict[str, list[tuple[AgentRow, int]]] = defaultdict(list)
    for row, earlier in agents:
        if not (row.crawls or row.spoofed):
            continue  # it came in the window before only
        by_bot[row.key or row.agent].append((row, earlier))
    return sorted((_bot(name, some, found) for name, some in by_bot.items()), key=_rank)


def _agent(rows: list[tuple[str, str, str, str, int, int, date]], pages: int) -> tuple[AgentRow, int]:
    """One agent of its rows by identity, and its crawls in the window before."""
    identities = {row[3]: int(row[4]) for row in rows if row[3] != "spoofed"}
    earlier = sum(row[5] for row in rows if row[3] != "spoofed")
    crawls = sum(identities.values())
    spoofed = sum(row[4] for row in rows if row[3] == "spoofed")
    made = AgentRow(
        agent=rows[0][1],
        key=rows[0][0],
        category=rows[0][2],
        crawls=crawls,
        spoofed=spoofed,
        change=change(crawls, earlier),
        identities=identities,
        pages=pages,
        last_seen=max(row[6] for row in rows),
    )
    return made, earlier


def _bot(name: str, agents: list[tuple[AgentRow, int]], pages: Mapping[tuple[str, str], int]) -> BotRow:
    rows = sorted((row for row, _ in agents), key=lambda row: (-row.crawls, row.agent))
    crawls = sum(row.crawls for row in rows)
    return BotRow(
        bot=name,
        key=rows[0].key,
        category=rows[0].category,
        crawls=crawls,
        spoofed=sum(row.spoofed for row in rows),
        change=change(crawls, sum(earlier for _, earlier in agents)),
        identities=dict(_summed(row.identities for row in rows)),
        pages=pages.get((rows[0].key, ""), 0) if rows[0].key else rows[0].pages,
        last_seen=max(row.last_seen for row in rows),
        agents=rows,
    )


def _summed(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _rank(row: BotRow) -> tuple[int, int, str]:
    return -row.crawls, -row.spoofed, row.bot


def _table(found: list[BotRow]) -> Table:
    identities = ("verified", "unverifiable", "unchecked")
    header = ("bot", "agent", "category", "crawls", "change", *identities, "spoofed", "pages", "last_seen")
    rows = [
        (
            *(bot.bot, one.agent, one.category, one.crawls, one.change),
            *(one.identities.get(name, 0) for name in identities),
            *(one.spoofed, one.pages, one.last_seen),
        )
        for bot in found
        for one in bot.agents
    ]
    return header, rows


BOTS: Final = TableQuestion("bots", read_filters, of_domain(bots), _table)
