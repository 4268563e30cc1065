"""Auditing pages from outside: fetched, rendered where there is a browser, and audited, without any store."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self
from urllib.parse import urljoin

import msgspec

from crawlight.audit import Audit, Issue, PageInputs
from crawlight.audit.sparing import audit_confined, audit_html_confined
from crawlight.cli.agent_checks import agent_checks
from crawlight.cli.places import Places
from crawlight.domains.readiness import AgentCheck
from crawlight.errors import UserError
from crawlight.ids import NO_DOMAIN
from crawlight.kit import sitemaps
from crawlight.kit.clock import now
from crawlight.kit.net import MOST_BYTES, Answer, FetchError, fetch
from crawlight.kit.sitemap_crawl import SitemapCrawl
from crawlight.kit.urls import split_url
from crawlight.rendering.navigation import HTML_TYPES
from crawlight.rendering.origins import robots_txt_at
from crawlight.rendering.renderer import Renderer, RenderError, RenderRequest

MOST_PAGES: Final = 50_000
_MOST_SITEMAPS: Final = 100
_MOST_REDIRECTS: Final = 5
_AT_ONCE: Final = 4
_SNIFFED: Final = 1024
"""Bytes of a file in which text has no NUL, unless it says by a mark that it is UTF-16."""
_NO_BROWSER: Final = "not rendered, no browser: this is the HTML without JavaScript"


class Audited(msgspec.Struct, frozen=True):
    """One page, as ``--json`` prints it. ``note`` tells what was different from what was asked."""

    target: str
    url: str
    status: int
    score: int
    indexable: bool
    rendered: bool
    note: str
    version: int
    issues: tuple[Issue, ...]
    agents: tuple[AgentCheck, ...] = ()
    """Only where they were asked for, and of a page that has an address."""


class Unread(msgspec.Struct, frozen=True):
    """A page that could not be had, as ``--json`` prints it."""

    target: str
    error: str


class Auditor:
    """Audits pages from outside; ``places`` says where they are fetched, and which networks may be reached.

    With ``agents``, it also looks at what AI agents get.
    """

    def __init__(self, browser_url: str, browser_path: str, places: Places, *, agents: bool = False) -> None:
        self._renderer = Renderer(browser_url=browser_url, browser_path=browser_path, concurrency=_AT_ONCE)
        self._places = places
        self._agents = agents
        self._robots: dict[str, asyncio.Task[str | None]] = {}
        self._alternates: dict[str, tuple[tuple[str, str], ...]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._renderer.close()

    async def audit_all(self, targets: Sequence[str]) -> AsyncIterator[Audited | Unread]:
        """Audit pages, a few at a time; gives them as they are done."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(target: str) -> Audited | Unread:
            async with turns:
                return await self._audit(target)

        tasks = [asyncio.create_task(one(target)) for target in targets]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()

    async def pages_of(self, sitemap: str) -> list[str]:
        """The pages of a sitemap, and of those that it names, each once. Raises UserError where it has none."""
        pages = dict[str, None]()
        async for file in SitemapCrawl(self._sitemap, most_files=_MOST_SITEMAPS).files([sitemap]):
            if file.error is not None:
                raise UserError(f"cannot read the sitemap {file.url}: {_told(file.error)}")
            pages.update(dict.fromkeys(file.sitemap.pages))
            self._alternates.update({page: tuple(links) for page, links in file.sitemap.alternates.items()})
        if not pages:
            raise UserError(f"the sitemap {sitemap} names no pages")
        return list(pages)[:MOST_PAGES]

    async def _audit(self, target: str) -> Audited | Unread:
        try:
            if is_url(target):
                return await self._audit_url(target)
            return await _audit_file(Path(target))
        except FetchError as error:
            return Unread(target, _told(error))
        except OSError as error:
            return Unread(target, f"cannot read the file: {error.strerror}")

    async def _audit_url(self, target: str) -> Audited | Unread:
        if split_url(target) is None:
            return Unread(target, "not the address of a page")
        inputs, note = await self._inputs(target)
        robots_txt = await self._robots_txt(inputs.url)
        known = {"robots_txt": robots_txt, "alternates": self._alternates.get(target, ()), "now": now()}
        result = await audit_confined(msgspec.structs.replace(inputs, **known))
        moved = f"redirected to {inputs.url}" if inputs.url.rstrip("/") != target.rstrip("/") else ""
        page = _audited(target, result, inputs.raw_html is not None, "; ".join(filter(None, (moved, note))))
        if not self._agents:
            return page
        hosted = self._places.hosted(urljoin(inputs.url, "/llms.txt")) is not None
        checks = await agent_checks(self._fetched, inputs, result, robots_txt, hosted_llms_txt=hosted)
        return msgspec.structs.replace(page, agents=checks)

    async def _inputs(self, target: str) -> tuple[PageInputs, str]:
        """Render a page; where that is not possible, take what the server sends."""
        url = target
        for _ in range(_MOST_REDIRECTS):
            try:
                page = await self._renderer.render(self._request(url))
            except RenderError as error:
                answer = await self._fetched(url)
                reason = _NO_BROWSER if error.reason == "browser_down" else f"not rendered: {error}"
                return _shipped(answer), reason
            if not page.location:
                # A page may go on to another address by itself; it is asked for under its own.
                return PageInputs(
                    url=url, status=page.status, html=page.html, raw_html=page.raw_html, headers=page.headers
                ), ""
            url = urljoin(url, page.location)
        raise FetchError(f"more than {_MOST_REDIRECTS} redirects")

    async def _fetched(
        self, url: str, headers: Mapping[str, str] | None = None, most_bytes: int = MOST_BYTES
    ) -> Answer:
        allowed, origin = self._places.allowed(url), self._places.origin(url)
        return await fetch(url, allowed=allowed, origin=origin, headers=headers, most_bytes=most_bytes)

    async def _sitemap(self, url: str) -> Answer:
        return await self._fetched(url, most_bytes=sitemaps.MOST_BYTES)

    def _request(self, url: str) -> RenderRequest:
        return RenderRequest(
            url=url,
            domain_id=NO_DOMAIN,
            account_id=0,
            origin=self._places.origin(url),
            allowed_networks=tuple(map(str, self._places.allowed(url))),
        )

    async def _robots_txt(self, url: str) -> str | None:
        origin = urljoin(url, "/robots.txt")
        if (hosted := self._places.hosted(origin)) is not None:
            return hosted
        if origin not in self._robots:
            self._robots[origin] = asyncio.create_task(
                robots_txt_at(origin, self._places.allowed(url), self._places.origin(url))
            )
        return await self._robots[origin]


def _told(error: Exception) -> str:
    blocked = isinstance(error, FetchError) and error.blocked
    return f"{error}; --local lets it" if blocked else str(error)


def is_url(target: str) -> bool:
    """Say whether a target is an address, readable or not; others are files."""
    return "://" in target


def _shipped(answer: Answer) -> PageInputs:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status < 300 and kind not in HTML_TYPES:
        raise FetchError(f"the URL is no page, but {kind}")
    return PageInputs(url=answer.url, status=answer.status, html=answer.body, headers=answer.headers)


async def _audit_file(file: Path) -> Audited | Unread:
    """Audit a file under the address that it names as canonical, else under one that is made up."""
    html = await asyncio.to_thread(file.read_bytes)
    if b"\0" in html[:_SNIFFED] and not html.startswith((b"\xfe\xff", b"\xff\xfe")):
        return Unread(str(file), "the file is no text")
    result = await audit_html_confined(html, f"https://example.com/{file.name}", now())
    return _audited(str(file), result, False, "a file: no status, headers or robots.txt, and not rendered")


def _audited(target: str, result: Audit, rendered: bool, note: str) -> Audited:
    return Audited(
        target=target,
        url=result.url,
        status=result.status,
        score=result.score,
        indexable=result.indexable,
        rendered=rendered,
        note=note,
        version=result.version,
        issues=result.issues,
    )
