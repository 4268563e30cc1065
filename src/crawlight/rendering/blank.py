"""Leaving a page: the tab goes to an empty document, and what was there can do nothing any more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from crawlight.rendering import events
from crawlight.rendering.devtools import ConnectionLostError
from crawlight.rendering.windows import BLANK

Call = Callable[[str, dict[str, Any]], Awaitable[object]]


class BlankPage:
    """The empty document of one tab."""

    def __init__(self) -> None:
        self._there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def reach(self, call: Call) -> None:
        """Go there, and wait until it is there. Raises ConnectionLostError."""
        self._there = asyncio.get_running_loop().create_future()
        await call("Page.navigate", {"url": BLANK})
        await self._there

    def came(self, event: events.FrameNavigated) -> bool:
        """Take note of a document that came; whether it is the empty one."""
        if event.frame.url != BLANK:
            return False
        if not event.frame.parent_id and not self._there.done():
            self._there.set_result(None)
        return True

    def lost(self) -> None:
        """The browser ended: it is reached no more."""
        if not self._there.done():
            self._there.set_exception(ConnectionLostError("the browser ended"))
            self._there.exception()  # nobody may wait for it
