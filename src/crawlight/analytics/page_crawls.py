"""Who crawled single pages of a domain, and when: from single rows, so as far as these are kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.analytics.question import Question, TableQuestion, of_domain, table_of
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window
from crawlight.kit.urls import canonical_path

KINDS: Final = ("search", "ai", "social", "other")
"""What crawlers come for, in few words: the three ``ai_`` categories are one, and so are all that are not named."""

_LATEST: Final = 50


class Visits(msgspec.Struct, frozen=True):
    """Crawls of one page in a window, without spoofed ones.

    ``last`` is the last one by kind, of all that are kept, also before the window.
    """

    crawls: int = 0
    last: dict[str, datetime] = {}


class AgentCrawls(msgspec.Struct, frozen=True, rename="camel"):
    """Crawls of one page by one agent that were all of one identity."""

    agent: str
    key: str
    category: str
    identity: str
    crawls: int
    last: datetime


class PageCrawl(msgspec.Struct, frozen=True):
    """One crawl."""

    at: datetime
    agent: str
    identity: str
    outcome: str
    status: int


def kind_of(category: str) -> str:
    """The kind of a category, one of `KINDS`."""
    kind = "ai" if category.startswith("ai_") else category
    return kind if kind in KINDS else "other"


def visits(
    store: EventsStore, domain: ScopedDomain, window: Window, paths: Sequence[str]
) -> dict[str, Visits]:
    """Crawls by path, of all pages where none is named; pages of which none is kept are absent."""
    given = {"first": window.kept or window.first, "since": window.singles.first, "paths": list(paths)}
    crawls: dict[str, int] = {}
    last: dict[str, dict[str, datetime]] = {}
    for path, category, count, moment in _rows(store, "page_visits", domain, window, given):
        crawls[path] = crawls.get(path, 0) + count
        of_page, kind, at = last.setdefault(path, {}), kind_of(category), _utc(moment)
        of_page[kind] = max(at, of_page.get(kind, at))
    return {path: Visits(count, last[path]) for path, count in crawls.items()}


def agents(store: EventsStore, domain: ScopedDomain, window: Window, path: str) -> list[AgentCrawls]:
    """Crawls of one page by agent and identity, most first."""
    rows = _rows(store, "page_agents", domain, window, {"path": path})
    return [
        AgentCrawls(agent, key, category, identity, crawls, _utc(last))
        for agent, key, category, identity, crawls, last in rows
    ]


def latest(store: EventsStore, domain: ScopedDomain, window: Window, path: str) -> list[PageCrawl]:
    """The latest crawls of one page, newest first."""
    rows = _rows(store, "page_latest", domain, window, {"path": path, "limit": _LATEST})
    return [PageCrawl(_utc(at), *row) for at, *row in rows]


def _rows(
    store: EventsStore, name: str, domain: ScopedDomain, window: Window, given: dict[str, object]
) -> Iterator[tuple[Any, ...]]:
    days = {"domain": domain.id, "first": window.singles.first, "last": window.last}
    return zip(*store.columns(query(name), {**days, **given}), strict=True)


def _utc(moment: datetime) -> datetime:
    """The engine's times are UTC without saying so."""
    return moment.replace(tzinfo=UTC)


def path_of(query: Mapping[str, str]) -> str:
    """The canonical path that a URL's parameters name; empty where they name none."""
    path = canonical_path(query.get("path", "")) or ""
    return path if path.startswith("/") else ""


VISITS: Final = Question[Sequence[str], dict[str, Visits]]("page-visits", lambda _: (), of_domain(visits))
PAGE_AGENTS: Final = TableQuestion("page-agents", path_of, of_domain(agents), table_of(AgentCrawls))
PAGE_LATEST: Final = TableQuestion("page-latest", path_of, of_domain(latest), table_of(PageCrawl))
