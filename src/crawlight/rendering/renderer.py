"""The renderer: a request goes in, a page comes out, whatever happens to the browser in between."""

import asyncio
import os
import time
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from crawlight.kit.logs import first_line
from crawlight.kit.memory import memory_limit
from crawlight.rendering.browser import Browser
from crawlight.rendering.contract import REASONS, Reason, Rendered, RenderError, RenderRequest
from crawlight.rendering.devtools import ConnectionLostError, DevToolsError
from crawlight.rendering.habits import Habits
from crawlight.rendering.late import Hurry
from crawlight.rendering.looks import Later, Looks
from crawlight.rendering.navigation import Navigation
from crawlight.rendering.not_found_probes import Probes
from crawlight.rendering.page import left, render_in
from crawlight.rendering.slots import RenderSlots
from crawlight.rendering.soft404 import Page, is_like, suspect
from crawlight.rendering.supervisor import BrowserSupervisor
from crawlight.rendering.tab import Tab

__all__ = ["REASONS", "Reason", "RenderError", "RenderRequest", "Rendered", "Renderer"]

log = structlog.get_logger(__name__)

TIMEOUT: Final = 20.0
MOST_WAITING: Final = 200
_FATAL: Final = frozenset({"crash", "timeout", "too_large"})
"""After these a tab is not used again."""
_OF_THE_TIME: Final = 0.9
"""Part of its time after which a page that has its content is taken without what was never answered."""
MOST_RENDERS: Final = 100
"""Pages after which a tab is replaced: its process grows."""
_ATTEMPTS: Final = 3
"""Times that a render is begun where the whole browser goes down beneath it."""
_WITHOUT_PAGES: Final = 768 * 1024 * 1024
"""Bytes of memory that server, browser and an import take beside the pages."""
_FOR_A_PAGE: Final = 256 * 1024 * 1024
_SILENT_SECONDS: Final = 3.0
"""A browser that is asked each second and has said nothing for so long was no help to the page that was not done."""


def places(cores: int, memory: int) -> int:
    """How many pages can be rendered at a time on a machine: two for each core, as far as its bytes of memory do."""
    return max(1, min(2 * cores, (memory - _WITHOUT_PAGES) // _FOR_A_PAGE))


class Renderer:
    """Renders pages. Starts its browser with the first request; ``close`` ends it.

    At most ``concurrency`` pages are rendered at a time (0: as many as `places`), at most ``most_waiting`` wait.
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
        pages = concurrency or places(len(os.sched_getaffinity(0)), memory_limit())
        self.timeout = timeout
        self.slots = RenderSlots(pages, most_waiting)
        self.supervisor = BrowserSupervisor(browser_url, browser_path, pages)
        self._probes = Probes()
        self._habits = Habits()
        self._looks = Looks(max(1, pages // 2))
        self._ending: set[asyncio.Task[None]] = set()

    async def render(
        self, request: RenderRequest, *, hurry: Hurry = lambda: False, later: Later | None = None
    ) -> Rendered:
        """Render one page. Raises RenderError with the reason where no page came of it.

        ``hurry`` says that somebody needs the place of a page that is only looked at for a while longer (its
        request's ``wait``). ``later`` is told the page again some seconds after it was answered, as far as there is
        room for that: whole then, if it was not.
        """
        await self.slots.enter(request.priority)
        try:
            rendered, page = await self._tries(request, hurry, later)
            if page is not None and rendered.status == 200 and await self._is_soft_404(request, page):
                return msgspec.structs.replace(rendered, status=404, reason="soft_404")
            return rendered
        finally:
            self.slots.leave()

    async def state(self) -> str:
        """Why pages cannot be rendered, as far as that is known without starting a browser; or an empty text."""
        return await self.supervisor.state()

    async def version(self) -> str:
        """Name and version of the browser, which is started for it. Raises DevToolsError with what to do."""
        return (await self.supervisor.browser()).version

    async def close(self) -> None:
        """End the browser, and whatever is being rendered with it."""
        await self._looks.close()
        await self.supervisor.close()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _is_soft_404(self, request: RenderRequest, page: Page) -> bool:
        suspicion = suspect(page)
        if suspicion.certain or not suspicion.ask:
            return suspicion.certain

        async def look(nowhere: RenderRequest) -> Page | None:
            return (await self._tries(nowhere))[1]

        nowhere = await self._probes.of(request, look)
        return nowhere is not None and is_like(page, nowhere)

    async def _tries(
        self, request: RenderRequest, hurry: Hurry = lambda: False, later: Later | None = None
    ) -> tuple[Rendered, Page | None]:
        for attempt in range(_ATTEMPTS):
            try:
                browser = await self.supervisor.browser()
            except DevToolsError as error:
                raise RenderError("browser_down", first_line(error)) from None
            try:
                return await self._render(browser, request, hurry, later)
            except ConnectionLostError as error:
                log.warning("browser_lost", reason=str(error), attempt=attempt, url=request.url)
                # Whoever watches it may not have noticed yet.
                if self.supervisor.current is browser:
                    self.supervisor.current = None
        raise RenderError("crash", "the browser went down each time")

    async def _render(
        self, browser: Browser, request: RenderRequest, hurry: Hurry, later: Later | None
    ) -> tuple[Rendered, Page | None]:
        navigation: Navigation | None = None
        tab: Tab | None = None
        look: asyncio.Task[None] | None = None
        clean = False
        seconds = request.timeout or self.timeout
        until = time.monotonic() + seconds * _OF_THE_TIME
        try:
            async with asyncio.timeout(seconds):
                tab = await browser.tab(request, self.slots.most)
                navigation = tab.begin(request.url)
                self._recall(request, navigation, until)
                rendered, page = await render_in(tab, request, navigation, hurry)
                if later and page:
                    look, rendered = self._looks.start(tab, navigation, request, rendered, later)
                clean = True
                return rendered, page
        except TimeoutError:
            return _at_the_end_of_time(browser, request, navigation), None
        except RenderError as error:
            clean = error.reason not in _FATAL
            error.notes = tuple(navigation.notes) if navigation else ()
            raise
        except ConnectionLostError:
            raise
        except DevToolsError as error:
            raise RenderError("crash", f"the page could not be read: {first_line(error)}") from None
        finally:
            if navigation is not None:
                self._learn(request, navigation)
            if tab is not None:
                self._end(browser, tab, navigation if clean else None, look)

    def _recall(self, request: RenderRequest, navigation: Navigation, until: float) -> None:
        key = (request.account_id, request.domain_id)
        navigation.deadline, navigation.silent, navigation.gone_apis = (
            until,
            self._habits.silent(key),
            self._habits.gone(key),
        )

    def _learn(self, request: RenderRequest, navigation: Navigation) -> None:
        self._habits.note(
            (request.account_id, request.domain_id),
            answered=navigation.answered,
            unanswered=navigation.unanswered,
            hung=navigation.hung,
            failed=navigation.failures,
        )

    def _end(
        self, browser: Browser, tab: Tab, navigation: Navigation | None, look: asyncio.Task[None] | None
    ) -> None:
        """Tidy up behind the back of whoever waits for the page; the tab counts as busy until it is done."""
        task = asyncio.get_running_loop().create_task(_settle(browser, tab, navigation, look))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _at_the_end_of_time(browser: Browser, request: RenderRequest, navigation: Navigation | None) -> Rendered:
    """The redirect of a page that went elsewhere. Raises RenderError for any other, or ConnectionLostError."""
    if time.monotonic() - browser.devtools.heard > _SILENT_SECONDS:
        browser.devtools.gone("the browser does not answer")
        raise ConnectionLostError("the browser does not answer")
    redirect = left(request, navigation) if navigation is not None else None
    if redirect is None:
        raise RenderError("timeout", "the page was not done in time")
    return redirect


async def _settle(
    browser: Browser, tab: Tab, navigation: Navigation | None, look: asyncio.Task[None] | None
) -> None:
    """Make the tab ready for the next page of its domain; close it where the last one left it in disorder."""
    if look is not None:
        await asyncio.wait({look})
    if navigation is not None and tab.renders < MOST_RENDERS:
        with suppress(DevToolsError, TimeoutError):
            await tab.wipe(navigation)
            browser.keep(tab)
            return
    await browser.drop(tab)
