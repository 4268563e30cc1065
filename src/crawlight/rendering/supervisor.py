"""Keeps a browser running: starts it when it is wanted, has it watched, puts another in its place."""

import asyncio
import time
from contextlib import suppress
from typing import Final

import structlog

from crawlight.kit.logs import first_line
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.browser import MISSING, Browser
from crawlight.rendering.devtools import DevToolsError
from crawlight.rendering.process import reap_stale, sandboxed
from crawlight.rendering.watchdog import watch

log = structlog.get_logger(__name__)

_AGAIN_SECONDS: Final = 5.0
"""Pause after a browser that could not be started."""


class BrowserSupervisor:
    """The browser of now. ``started`` counts how many there were, ``failure`` says why there is none."""

    def __init__(self, url: str, path: str, tabs: int) -> None:
        self.started = 0
        self.failure = ""
        self.current: Browser | None = None
        self._url = url
        self._path = path
        self._tabs = tabs
        self._lock = asyncio.Lock()
        self._failed_at = -_AGAIN_SECONDS
        self._closed = False
        self._watching: dict[asyncio.Task[None], Browser] = {}

    async def browser(self) -> Browser:
        """A browser that runs. Raises DevToolsError with what to do where none can be had."""
        if self.current is None:
            async with self._lock:
                if self.current is None:
                    self.current = await self._start()
        return self.current

    @property
    def memory(self) -> int:
        """Bytes that the browser of now takes, as its watchdog saw it last."""
        return self.current.memory if self.current is not None else 0

    async def state(self) -> str:
        """Why there is no browser, as far as that is known without starting one; or an empty text."""
        if (
            self.current is None
            and not self._url
            and await asyncio.to_thread(find_browser, self._path) is None
        ):
            return MISSING
        return self.failure

    async def close(self) -> None:
        """End the browser, and those that were replaced but not yet done."""
        self._closed = True
        async with self._lock:
            watching = dict(self._watching)
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            for browser in watching.values():
                await browser.close()
            self.current = None

    async def _start(self) -> Browser:
        if self._closed:
            raise DevToolsError("the server stops")
        if time.monotonic() - self._failed_at < _AGAIN_SECONDS:
            raise DevToolsError(self.failure)
        try:
            browser = await self._open()
        except DevToolsError as error:
            self._failed_at, self.failure = time.monotonic(), first_line(error)
            raise
        self.failure = ""
        self.started += 1
        task = asyncio.create_task(self._watch(browser))
        self._watching[task] = browser
        return browser

    async def _open(self) -> Browser:
        if not self._url:
            await asyncio.to_thread(reap_stale)
            if not sandboxed() and not self.started:
                log.warning(
                    "browser_without_sandbox", reason="Chromium has no sandbox for root; run as a user"
                )
        return await Browser.start(self._url, self._path)

    async def _watch(self, browser: Browser) -> None:
        """Until the browser is to be replaced; then it finishes what it has begun, and ends."""
        try:
            await watch(browser, self._tabs)
            if self.current is browser:
                self.current = None
            while browser.busy and not browser.devtools.lost.done():
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await asyncio.shield(browser.devtools.lost)
            await browser.close()
        finally:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                del self._watching[task]
