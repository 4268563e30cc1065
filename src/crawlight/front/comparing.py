"""Pages and what they name, asked for twice: as the site answers today, and as it would through the front."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from operator import attrgetter
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from crawlight.domains.pointing import EVERYWHERE
from crawlight.domains.sites import Site
from crawlight.front.differences import differences, unanswered
from crawlight.front.named import assets
from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.net import Answer, Client, FetchError
from crawlight.kit.origin import Origin

MOST_ASSETS: Final = 2_000
_AT_ONCE: Final = 4
"""Requests at a time: a check is no load test."""
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_HOPS: Final = 10
_UNANSWERED: Final = (0, 502, 504)
"""What the front says where the origin says nothing."""
_PERSON: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
    "Sec-Fetch-Mode": "navigate",
}

T = TypeVar("T")


class Difference(msgspec.Struct, frozen=True):
    """One path of the site, and what of it would be another through the front."""

    path: str
    what: list[str]


class Comparison(msgspec.Struct):
    """What was compared: how many pages and assets, and what came of it.

    ``ruled`` paths meet a rule or a hosted file, and are meant to differ. ``loops`` are pages that lead to themselves
    through the front, ``naming`` those whose HTML names the origin instead of the site, ``unanswered`` paths that
    neither side answers.
    """

    pages: int = 0
    assets: int = 0
    ruled: int = 0
    differing: list[Difference] = []
    loops: list[str] = []
    naming: list[str] = []
    unanswered: list[Difference] = []


class Comparing:
    """Compares a site as it is on the front with what it answers at ``before``."""

    def __init__(self, site: Site, front: Origin, before: Origin) -> None:
        self.found = Comparison()
        self._site = site
        self._origins = front, before
        self._host, self._hosts = site.page_host, front.hosts
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def compare(self, paths: Iterable[str]) -> Comparison:
        """Compare pages, and all that they name of the site."""
        async with AsyncExitStack() as opened:
            self._front, self._before = [
                await opened.enter_async_context(Client(EVERYWHERE, origin=one)) for one in self._origins
            ]
            await self._find_host()
            pages = self._unruled(paths)
            named = await self._each(self._page, pages)
            wanted = dict.fromkeys(path for one in named for path in one)
            files = self._unruled([path for path in wanted if path not in set(pages)][:MOST_ASSETS])
            await self._each(self._compare, files)
        self.found.pages, self.found.assets = len(pages), len(files)
        return self._sorted()

    def _sorted(self) -> Comparison:
        """What was found, in an order that is the same each time."""
        for paths in (self.found.loops, self.found.naming):
            paths.sort()
        for some in (self.found.differing, self.found.unanswered):
            some.sort(key=attrgetter("path"))
        return self.found

    async def _find_host(self) -> None:
        """Ask under the name to which the site sends its visitors, bare or with ``www.``."""
        to = urlsplit((await self._ask(self._before, self._url("/"))).headers.get("location", ""))
        if to.hostname in self._hosts:
            self._host = to.hostname

    def _url(self, path: str) -> str:
        return f"https://{self._host}{path}"

    def _unruled(self, paths: Iterable[str]) -> list[str]:
        """The paths that meet no rule and no hosted file."""
        given, site = list(paths), self._site
        left = [path for path in given if site.rules.meet(path) is None and not site.hosts(path)]
        self.found.ruled += len(given) - len(left)
        return left

    async def _each(self, work: Callable[[str], Awaitable[T]], paths: list[str]) -> list[T]:
        async def turn(path: str) -> T:
            async with self._turns:
                return await work(path)

        return await asyncio.gather(*map(turn, paths))

    async def _page(self, path: str) -> list[str]:
        """Compare a page; answers the paths of the site that it names."""
        after = await self._compare(path)
        if await self._comes_back(self._url(path), after):
            self.found.loops.append(path)
        if "html" not in after.headers.get("content-type", ""):
            return []
        if self._names_origin(after.body):
            self.found.naming.append(path)
        try:
            urls = await confined(assets, after.body, self._url(path))
        except TooMuchError:
            return []
        return [own for url in urls if (own := self._site.own_path(url))]

    async def _compare(self, path: str) -> Answer:
        url = self._url(path)
        before, after = await asyncio.gather(self._ask(self._before, url), self._ask(self._front, url))
        if not before.status and after.status in _UNANSWERED:
            self.found.unanswered.append(Difference(path, [before.body.decode()]))
        elif what := differences(before, after):
            # What is another at each request, such as a nonce, says nothing.
            unsteady = differences(before, await self._ask(self._before, url))
            if told := [text for name, text in what.items() if name not in unsteady]:
                self.found.differing.append(Difference(path, told))
        return after

    async def _ask(self, client: Client, url: str) -> Answer:
        try:
            answer = await client.fetch(url, headers=_PERSON, most_bytes=_MOST_BYTES, redirects=0)
            return msgspec.structs.replace(answer, headers=answer.headers | self._location(answer))
        except (FetchError, ValueError) as error:
            return unanswered(url, error)

    def _location(self, answer: Answer) -> dict[str, str]:
        """Where a redirect leads, absolute, under the public name, as Caddy has it."""
        location = answer.headers.get("location")
        if location is None:
            return {}
        target = urljoin(answer.url, location)
        origin = self._site.origin
        return {"location": origin.public(target, self._host) if origin else target}

    async def _comes_back(self, url: str, answer: Answer) -> bool:
        """Whether redirects of the site lead round, through the front. Its `http://` is its `https://`."""
        seen = {url}
        for _ in range(_MOST_HOPS):
            location = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
            to = urlsplit(location.partition("#")[0])
            if to.hostname not in self._hosts:
                return False
            url = to._replace(scheme="https", netloc=to.hostname).geturl()
            if url in seen:
                return True
            seen.add(url)
            answer = await self._ask(self._front, url)
        return True

    def _names_origin(self, html: bytes) -> bool:
        origin = self._site.origin
        return origin is not None and origin.as_itself and origin.url.encode() in html
