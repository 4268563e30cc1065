"""Which format crawlers asked for, Markdown or HTML, and which one they got."""

from typing import Final, Literal

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import Filters, parameters, read_filters
from crawlight.analytics.queries import query
from crawlight.analytics.question import Table, TableQuestion, of_domain
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window

Got = Literal["markdown", "html", "other"]

_NAMED: Final[dict[str, Got]] = {"markdown": "markdown", "html": "html"}


class Served(msgspec.Struct, frozen=True):
    """Crawls by what they got; ``other``: a redirect, or whatever the site answered itself."""

    markdown: int = 0
    html: int = 0
    other: int = 0

    @property
    def crawls(self) -> int:
        """All of them."""
        return self.markdown + self.html + self.other


class FormatRow(msgspec.Struct, frozen=True, rename="camel"):
    """One agent: what it got when it asked for Markdown, and when it did not."""

    agent: str
    asked_markdown: Served = Served()
    asked_html: Served = Served()

    @property
    def crawls(self) -> int:
        """All its crawls."""
        return self.asked_markdown.crawls + self.asked_html.crawls


def formats(store: EventsStore, domain: ScopedDomain, window: Window, filters: Filters) -> list[FormatRow]:
    """Agents that came to Crawlight itself, those first that asked for Markdown most often. One query.

    Only for as long as single crawls are kept. Raises StoreError where the store is away.
    """
    counts: dict[str, dict[bool, dict[Got, int]]] = {}
    given = parameters(domain.id, window.singles, filters)
    for agent, asked, served, crawls in zip(*store.columns(query("formats"), given), strict=True):
        got = counts.setdefault(agent, {True: {}, False: {}})[asked]
        name = _NAMED.get(served, "other")
        got[name] = got.get(name, 0) + crawls
    rows = [FormatRow(agent, Served(**by[True]), Served(**by[False])) for agent, by in counts.items()]
    return sorted(rows, key=lambda row: (-row.asked_markdown.crawls, -row.crawls, row.agent))


def _table(found: list[FormatRow]) -> Table:
    asked = ("asked_markdown", "asked_html")
    header = ("agent", *(f"{what}_got_{got}" for what in asked for got in Served.__struct_fields__))
    rows = [
        (one.agent, *msgspec.structs.astuple(one.asked_markdown), *msgspec.structs.astuple(one.asked_html))
        for one in found
    ]
    return header, rows


FORMATS: Final = TableQuestion("formats", read_filters, of_domain(formats), _table)
