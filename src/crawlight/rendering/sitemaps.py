"""The sitemaps of a site: which pages it says that it has. Files, pages and depth are bounded."""

from collections.abc import AsyncIterator
from typing import Final

from crawlight.audit.robots import sitemaps_in
from crawlight.domains.sites import Site
from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.net import FetchError, fetch, parse_networks
from crawlight.kit.sitemaps import MOST_BYTES, Sitemap, SitemapError, parse_sitemap
from crawlight.kit.urls import canonical_path, kind_of

MOST_FILES: Final = 500
MOST_PAGES: Final = 500_000
_MOST_DEPTH: Final = 3
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
        waiting = [(url, 0) for url in named]
        seen = set()
        while waiting and self.files < MOST_FILES and self.pages < MOST_PAGES:
            url, depth = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            found = await self._read(url)
            if depth < _MOST_DEPTH:
                waiting += [(one, depth + 1) for one in found.sitemaps]
            pages = [path for path in map(self._path, found.pages) if path]
            self.alternates = {
                path: links for url, links in found.alternates.items() if (path := self._path(url))
            }
            self.pages += len(pages)
            if pages:
                yield pages
        if waiting:
            self._problem("", f"more than {MOST_FILES} files or {MOST_PAGES} pages; the rest was left out")

    async def _read(self, url: str) -> Sitemap:
        self.files += 1
        own = self._site.own_path(url)
        try:
            answer = await fetch(
                self._site.page_url(own) if own else url,
                allowed=self._allowed,
                most_bytes=MOST_BYTES,
                seconds=_SECONDS,
                origin=self._site.origin,
            )
            if answer.status != 200:
                raise SitemapError(f"the answer was {answer.status}")
            # Not here: 50 MB of XML would keep everybody else waiting for seconds.
            return await confined(parse_sitemap, answer.body)
        except (FetchError, SitemapError, TooMuchError) as error:
            blocked = isinstance(error, FetchError) and error.blocked
            way = f"; `crawlight domain set {self._site.host} --allow NETWORK` lets it" if blocked else ""
            self._problem(url, f"{error}{way}")
            return Sitemap([], [])

    def _path(self, url: str) -> str | None:
        own = self._site.own_path(url.strip())
        path = canonical_path(own.partition("#")[0]) if own and own.startswith("/") else None
        page = self._site.page(path) if path else None
        return page if page and kind_of(page) == "crawl" else None

    def _problem(self, url: str, text: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(f"{url}: {text}" if url else text)
