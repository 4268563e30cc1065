"""The renderer: a browser that is there when it is wanted, and a line of requests before it."""

import asyncio
import heapq
import itertools
import os
import time
from contextlib import suppress
from typing import Final

import structlog

from crawlight.kit.logs import first_line
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.browser import MISSING, Browser
from crawlight.rendering.devtools import ConnectionLostError, DevToolsError
from crawlight.rendering.page import render_in
from crawlight.rendering.process import reap_stale, sandboxed
from crawlight.rendering.result import REASONS, Reason, Rendered, RenderError, RenderRequest
from crawlight.rendering.tab import Tab
from crawlight.rendering.visit import Visit

__all__ = ["REASONS", "Reason", "RenderError", "RenderRequest", "Rendered", "Renderer"]

log = structlog.get_logger(__name__)

TIMEOUT: Final = 20.0
MOST_WAITING: Final = 200
_FATAL: Final = frozenset({"crash", "timeout", "too_large"})
"""After these a tab is not used again."""
_ATTEMPTS: Final = 3
"""Times that a render is begun where the whole browser goes down beneath it."""
_AGAIN_SECONDS: Final = 5.0
"""Pause after a browser that could not be started."""


class Renderer:
    """Renders pages. Starts its browser with the first request; ``close`` ends it.

    At most ``concurrency`` pages are rendered at a time (0: twice the cores), at most ``most_waiting`` wait.
    """

    def __init__(
        self,
        *,
        browser_url: str = "",
        browser_path: str = "",
        concurrency: int = 0,
        timeout: float = TIMEOUT,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.concurrency = concurrency or max(2, 2 * len(os.sched_getaffinity(0)))
        self.timeout = timeout
        self._url = browser_url
        self._path = browser_path
        self._most_waiting = most_waiting
        self._running = 0
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._browser: Browser | None = None
        self._starting: asyncio.Lock = asyncio.Lock()
        self._failed_at = -_AGAIN_SECONDS
        self._failure = ""
        self._closed = False

    async def render(self, request: RenderRequest) -> Rendered:
        """Render one page. Raises RenderError with the reason where no page came of it."""
        await self._enter(request.priority)
        try:
            return await self._tries(request)
        finally:
            self._leave()

    async def state(self) -> str:
        """Why pages cannot be rendered, as far as that is known without starting a browser; or an empty text."""
        if self._browser is not None or self._url:
            return self._failure
        if await asyncio.to_thread(find_browser, self._path) is None:
            return MISSING
        return self._failure

    async def version(self) -> str:
        """Name and version of the browser, which is started for it. Raises DevToolsError with what to do."""
        return (await self._running_browser()).version

    async def close(self) -> None:
        """End the browser, and whatever is being rendered with it."""
        self._closed = True
        for _, _, waiting in self._line:
            waiting.cancel()
        async with self._starting:
            if self._browser is not None:
                await self._browser.close()
                self._browser = None

    async def _tries(self, request: RenderRequest) -> Rendered:
        for attempt in range(_ATTEMPTS):
            try:
                browser = await self._running_browser()
            except DevToolsError as error:
                raise RenderError("browser_down", first_line(error)) from None
            try:
                return await self._render(browser, request)
            except ConnectionLostError as error:
                log.warning("browser_lost", reason=str(error), attempt=attempt, url=request.url)
                await self._lost(browser)
        raise RenderError("crash", "the browser went down each time")

    async def _render(self, browser: Browser, request: RenderRequest) -> Rendered:
        visit: Visit | None = None
        tab: Tab | None = None
        clean = False
        try:
            async with asyncio.timeout(request.timeout or self.timeout):
                tab = await browser.tab(request, self.concurrency)
                visit = tab.begin(request.url)
                page = await render_in(tab, request, visit)
                clean = True
                return page
        except TimeoutError:
            raise RenderError("timeout", "the page was not done in time") from None
        except RenderError as error:
            clean = error.reason not in _FATAL
            error.notes = tuple(visit.notes) if visit else ()
            raise
        except ConnectionLostError:
            raise
        except DevToolsError as error:
            raise RenderError("crash", f"the page could not be read: {first_line(error)}") from None
        finally:
            if tab is not None:
                await self._settle(browser, tab, visit if clean else None)

    async def _settle(self, browser: Browser, tab: Tab, visit: Visit | None) -> None:
        """Make the tab ready for the next page of its domain; close it where the last one left it in disorder."""
        if visit is not None:
            with suppress(DevToolsError, TimeoutError):
                await tab.wipe(visit)
                browser.keep(tab)
                return
        await browser.drop(tab)

    async def _running_browser(self) -> Browser:
        if self._browser is not None and not self._browser.devtools.lost.done():
            return self._browser
        async with self._starting:
            if self._browser is not None and not self._browser.devtools.lost.done():
                return self._browser
            if self._closed:
                raise DevToolsError("the server stops")
            if time.monotonic() - self._failed_at < _AGAIN_SECONDS:
                raise DevToolsError(self._failure)
            try:
                self._browser = await self._start()
            except DevToolsError as error:
                self._failed_at, self._failure = time.monotonic(), first_line(error)
                raise
            self._failure = ""
            return self._browser

    async def _start(self) -> Browser:
        if not self._url:
            await asyncio.to_thread(reap_stale)
            if not sandboxed():
                log.warning(
                    "browser_without_sandbox", reason="Chromium has no sandbox for root; run as a user"
                )
        return await Browser.start(self._url, self._path)

    async def _lost(self, browser: Browser) -> None:
        async with self._starting:
            if self._browser is browser:
                self._browser = None
                await browser.close()

    async def _enter(self, priority: int) -> None:
        """Wait for a place: the lower priority first, then who came first."""
        if self._running < self.concurrency:
            self._running += 1
            return
        if len(self._line) >= self._most_waiting:
            raise RenderError("overloaded", f"{self._most_waiting} renders wait already")
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (priority, next(self._order), place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._line:
            _, _, place = heapq.heappop(self._line)
            if not place.done():
                place.set_result(None)
                return
        self._running -= 1
