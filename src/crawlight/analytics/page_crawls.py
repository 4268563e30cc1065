"""Who crawled single pages of a domain, and when: from single rows, so as far as these are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.queries import query
from crawlight.events.store import Columns, EventsStore
from crawlight.kit.periods import Window

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


async def visits(
    store: EventsStore, domain: ScopedDomain, window: Window, paths: Sequence[str]
) -> dict[str, Visits]:
    """Crawls by path; pages of which none is kept are absent."""
    return await _visits(store, domain, window, paths) if paths else {}


async def all_visits(store: EventsStore, domain: ScopedDomain, window: Window) -> dict[str, Visits]:
    """As `visits`, of every page of which crawls are kept."""
    return await _visits(store, domain, window, ())


async def _visits(
    store: EventsStore, domain: ScopedDomain, window: Window, paths: Sequence[str]
) -> dict[str, Visits]:
    given = {"first": window.kept or window.first, "since": window.singles.first, "paths": list(paths)}
    columns = await store.run(_columns, store, "page_visits", domain, window, given)
    crawls: dict[str, int] = {}
    last: dict[str, dict[str, datetime]] = {}
    for path, category, count, moment in zip(*columns, strict=True):
        crawls[path] = crawls.get(path, 0) + count
        of_page, kind, at = last.setdefault(path, {}), kind_of(category), _utc(moment)
        of_page[kind] = max(at, of_page.get(kind, at))
    return {path: Visits(count, last[path]) for path, count in crawls.items()}


async def agents(store: EventsStore, domain: ScopedDomain, window: Window, path: str) -> list[AgentCrawls]:
    """Crawls of one page by agent and identity, most first."""
    columns = await store.run(_columns, store, "page_agents", domain, window, {"path": path})
    return [
        AgentCrawls(agent, key, category, identity, crawls, _utc(last))
        for agent, key, category, identity, crawls, last in zip(*columns, strict=True)
    ]


async def latest(store: EventsStore, domain: ScopedDomain, window: Window, path: str) -> list[PageCrawl]:
    """The latest crawls of one page, newest first."""
    given = {"path": path, "limit": _LATEST}
    columns = await store.run(_columns, store, "page_latest", domain, window, given)
    return [PageCrawl(_utc(at), *row) for at, *row in zip(*columns, strict=True)]


def _columns(
    store: EventsStore, name: str, domain: ScopedDomain, window: Window, given: dict[str, object]
) -> Columns:
    return store.columns(
        query(name), {"domain": domain.id, "first": window.singles.first, "last": window.last, **given}
    )


def _utc(moment: datetime) -> datetime:
    """The engine's times are UTC without saying so."""
    return moment.replace(tzinfo=UTC)
