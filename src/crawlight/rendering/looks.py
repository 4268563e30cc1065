"""The late look: pages that were answered already are looked at again, in a few tabs beside those that render."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from crawlight.rendering.contract import Late, Rendered, RenderError, RenderRequest
from crawlight.rendering.devtools import DevToolsError
from crawlight.rendering.late import LOOK_SECONDS, linger
from crawlight.rendering.navigation import Navigation
from crawlight.rendering.page import take
from crawlight.rendering.tab import Tab

Later = Callable[[Rendered], Awaitable[None]]
"""Is told the page again: as it was, or, where ``late.milliseconds`` says so, as it has become."""

_MOST_SECONDS: Final = 15.0


class Looks:
    """At most ``most`` tabs wait, however many pages are rendered: each takes the browser's memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: set[asyncio.Task[None]] = set()

    def start(
        self, tab: Tab, navigation: Navigation, request: RenderRequest, first: Rendered, later: Later
    ) -> tuple[asyncio.Task[None] | None, Rendered]:
        """Look at the page of a navigation again, and tell ``later``; the task ends with the look.

        None where it has nothing to wait for, or there is no room; the page then says that it was not looked at.
        """
        if first.status != 200 or first.reason == "flag":
            return None, first
        if len(self._running) >= self._most:
            return None, msgspec.structs.replace(first, late=Late(whole=False))
        task = asyncio.get_running_loop().create_task(_look(tab, navigation, request, first, later))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task, first

    async def close(self) -> None:
        """End all looks."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def _look(
    tab: Tab, navigation: Navigation, request: RenderRequest, first: Rendered, later: Later
) -> None:
    quiet = navigation.started + first.timing["ready"] / 1000
    with suppress(DevToolsError, RenderError, TimeoutError):
        async with asyncio.timeout(_MOST_SECONDS):
            late = await linger(tab, navigation, quiet, LOOK_SECONDS)
            again = msgspec.structs.replace(first, late=late)
            if late.milliseconds and not navigation.moved:
                again, _ = await take(tab, request, navigation, first.reason, quiet, late)
        await later(again)
