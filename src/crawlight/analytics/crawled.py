"""The most crawled pages of some crawls, with their scores."""

from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.filters import SINGLE_CRAWLS, Filters, parameters, read_filters
from crawlight.analytics.page_names import PageNames
from crawlight.analytics.queries import query
from crawlight.analytics.question import About, Sources, TableQuestion, table_of
from crawlight.analytics.series import top_pages
from crawlight.domains.pages import gone_of, scores_for
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window

MOST_PAGES = 20


class CrawledPage(msgspec.Struct, frozen=True, rename="camel"):
    """A page by its canonical path; ``seo_score`` is null where it was never audited.

    ``gone`` says that the site answers that there is no such page; the score is then that of its last audit.
    """

    path: str
    crawls: int
    seo_score: int | None
    seo_issues_count: int
    gone: bool
    status: int | None
    """What a page that is gone was answered with; null for others."""


async def crawled_pages(sources: Sources, about: About, filters: Filters) -> list[CrawledPage]:
    """At most 20 pages. Raises StoreError where the store is away.

    Without filters they are the export's top pages, which count the 25 keys; with any, they are of all crawls that
    these let through, and of no more days than single crawls are kept.
    """
    store, domain = sources.store, about.domain
    found = await store.run(most_crawled, store, sources.names, domain, about.window, filters)
    paths = [path for path, _ in found]
    scores = await scores_for(sources.database, {domain.id: paths})
    gone = await gone_of(sources.database, domain.id, paths)
    return [
        CrawledPage(path, crawls, *scores.get((domain.id, path), (None, 0)), path in gone, gone.get(path))
        for path, crawls in found
    ]


def most_crawled(
    store: EventsStore, names: PageNames, domain: ScopedDomain, window: Window, filters: Filters
) -> list[tuple[str, int]]:
    """The pages of `crawled_pages` as (path, crawls)."""
    if not filters.active():
        found = top_pages(store, names, [domain.id], window).get(domain.id, [])
        return sorted(found, key=lambda page: (-page[1], page[0]))
    days = window.singles
    given = parameters(domain.id, days, filters) | {"first": days.first, "limit": MOST_PAGES}
    return list(zip(*store.columns(query("crawled_pages", SINGLE_CRAWLS), given), strict=True))


PAGES: Final = TableQuestion("pages", read_filters, crawled_pages, table_of(CrawledPage))
