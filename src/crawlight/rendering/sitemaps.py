"""The sitemaps of a site: which pages it says that it has. Files, pages and depth are bounded."""

from collections.abc import AsyncIterator
from typing import Final

from crawlight.audit.robots import sitemaps_in
from crawlight.domains.sites import Site
from crawlight.kit.addresses import parse_networks
from crawlight.kit.net import Answer, FetchError, fetch
from crawlight.kit.sitemap_crawl import MOST_FILES, SitemapCrawl
from crawlight.kit.sitemaps import MOST_BYTES
from crawlight.kit.urls import canonical_path, kind_of

MOST_PAGES: Final = 500_000
_MOST_PROBLEMS: Final = 20
_SECONDS: Final = 30.0


class Reading:
    """Reads all sitemaps of a site, those that its ``robots`` text names or the one at the usual place.

    ``problems`` has a line for each file that gave nothing.

    ``alternates`` has the language versions that the file read last names for its pages.
    """

    def __init__(self, site: Site, robots: str) -> None:
        self.problems: list[str] = []
        self.files = 0
        self.pages = 0
        self.alternates: dict[str, list[tuple[str, str]]] = {}
        self._site = site
        self._robots = robots
        self._allowed = parse_networks(site.settings.allowed_networks)

    async def paths(self) -> AsyncIterator[list[str]]:
        """Canonical paths of the site's own pages, file by file. A page may come again."""
        named = sitemaps_in(self._robots)[:MOST_FILES] or [self._site.page_url("/sitemap.xml")]
        crawl = SitemapCrawl(self._ask)
        async for file in crawl.files(named):
            self.files += 1
            if file.error is not None:
                self._refused(file.url, file.error)
            pages = [path for path in map(self._path, file.sitemap.pages) if path]
            self.alternates = {
                path: links for url, links in file.sitemap.alternates.items() if (path := self._path(url))
            }
            self.pages += len(pages)
            if pages:
                yield pages
            if self.pages >= MOST_PAGES:
                break
        if crawl.cut:
            self._problem("", f"more than {MOST_FILES} files or {MOST_PAGES} pages; the rest was left out")

    async def _ask(self, url: str) -> Answer:
        own = self._site.own_path(url)
        return await fetch(
            self._site.page_url(own) if own else url,
            allowed=self._allowed,
            most_bytes=MOST_BYTES,
            seconds=_SECONDS,
            origin=self._site.origin,
        )

    def _refused(self, url: str, error: Exception) -> None:
        blocked = isinstance(error, FetchError) and error.blocked
        way = f"; `crawlight domain set {self._site.host} --allow NETWORK` lets it" if blocked else ""
        self._problem(url, f"{error}{way}")

    def _path(self, url: str) -> str | None:
        own = self._site.own_path(url.strip())
        path = canonical_path(own.partition("#")[0]) if own and own.startswith("/") else None
        page = self._site.page(path) if path else None
        return page if page and kind_of(page) == "crawl" else None

    def _problem(self, url: str, text: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(f"{url}: {text}" if url else text)
