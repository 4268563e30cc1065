"""What becomes of a page that was looked at again after it was answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from crawlight.domains.sites import Site
from crawlight.kit.logs import first_line
from crawlight.rendering.contract import Rendered, RenderError
from crawlight.rendering.memory import Stored
from crawlight.rendering.snapshots import NewSnapshot, Snapshots

log = structlog.get_logger(__name__)

_STORED_SECONDS: Final = 30.0

Make = Callable[[Site, str, Rendered], NewSnapshot]
Noted = Callable[[Site, Stored, Rendered], Awaitable[None]]


class LaterSnapshot:
    """The later of two looks takes the place of the first, unless something newer has done so."""

    def __init__(self, snapshots: Snapshots, site: Site, path: str, make: Make) -> None:
        self._snapshots = snapshots
        self._site = site
        self._path = path
        self._make = make
        self._first: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()

    def first(self, stored: Stored | None) -> None:
        """Say what was stored of the first look; None where nothing was."""
        if not self._first.done():
            self._first.set_result(stored)

    async def take(self, rendered: Rendered, noted: Noted) -> None:
        """Store the later look, where the page has become another; ``noted`` is told of it."""
        try:
            async with asyncio.timeout(_STORED_SECONDS):
                stored = await self._first
            if stored is None or not (rendered.late and rendered.late.milliseconds):
                return
            newest = await self._snapshots.history(self._site.id, self._path)
            if stored.snapshot.status != 200 or not newest or newest[0].id != stored.snapshot.id:
                return
            new = self._make(self._site, self._path, rendered)
            await noted(self._site, await self._snapshots.put(self._site.id, self._path, new), rendered)
        except RenderError:
            return
        except Exception as error:
            log.warning("late_page_not_stored", reason=first_line(error), path=self._path)
