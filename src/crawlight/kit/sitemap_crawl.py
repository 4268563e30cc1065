"""All sitemaps of a site: the files that are named, and those that they name. Files and depth are bounded."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, NamedTuple

from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.net import Answer, FetchError
from crawlight.kit.sitemaps import Sitemap, SitemapError, parse_sitemap

MOST_FILES: Final = 500
_MOST_DEPTH: Final = 3

Ask = Callable[[str], Awaitable[Answer]]
"""Fetches a file. Raises FetchError."""


class File(NamedTuple):
    """One file, with the reason where it gave nothing."""

    url: str
    sitemap: Sitemap
    error: FetchError | SitemapError | TooMuchError | None = None


class SitemapCrawl:
    """Reads files in the order in which they are named, each once."""

    def __init__(self, ask: Ask, *, most_files: int = MOST_FILES) -> None:
        self._ask = ask
        self._left = most_files
        self._waiting: deque[tuple[str, int]] = deque()

    @property
    def cut(self) -> bool:
        """Whether files that were named have not been read."""
        return bool(self._waiting)

    async def files(self, named: Iterable[str]) -> AsyncIterator[File]:
        """Each file as it was read, also those that gave nothing."""
        self._waiting.extend((url, 0) for url in named)
        seen = set()
        while self._waiting and self._left:
            url, depth = self._waiting.popleft()
            if url in seen:
                continue
            seen.add(url)
            self._left -= 1
            file = await self._read(url)
            if depth < _MOST_DEPTH:
                self._waiting.extend((one, depth + 1) for one in file.sitemap.sitemaps)
            yield file

    async def _read(self, url: str) -> File:
        try:
            answer = await self._ask(url)
            if answer.status != 200:
                raise SitemapError(f"the answer was {answer.status}")
            # Not here: 50 MB of XML would keep everybody else waiting for seconds.
            return File(url, await confined(parse_sitemap, answer.body))
        except (FetchError, SitemapError, TooMuchError) as error:
            return File(url, Sitemap([], []), error)
