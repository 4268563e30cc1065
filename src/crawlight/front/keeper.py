"""Keeps Caddy running, and telling what the domains are now."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final

import structlog

from crawlight.domains.sites import Site
from crawlight.errors import UserError
from crawlight.front.caddy import Caddy, CaddyError
from crawlight.front.config import Json, Place, configuration
from crawlight.kit.logs import first_line

EVERY_SECONDS: Final = 0.25
_AGAIN_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


class Front:
    """``sites`` gives the verified domains, and ``seen`` a number that changes when one of them does."""

    def __init__(
        self, caddy: Caddy, place: Place, sites: Callable[[], Collection[Site]], seen: Callable[[], int]
    ) -> None:
        self.failing = ""
        """Why Caddy is not told what is new, or empty."""
        self._caddy = caddy
        self._place = place
        self._sites = sites
        self._seen = seen
        self._told: tuple[int, Json] = (-1, {})

    async def start(self) -> None:
        """Take over the Caddy that runs, or start one. Raises UserError where that cannot be done."""
        apps = self._apps()
        if not await self._caddy.alive():
            if not self._caddy.own:
                raise UserError("no Caddy answers at CRAWLIGHT_FRONT_ADMIN")
            await self._caddy.start(apps)
        try:
            await self._caddy.load(apps)
        except CaddyError as error:
            raise UserError(f"Caddy refuses its configuration: {error}") from None

    async def run(self) -> None:
        """Tell Caddy what has changed, and start it again where it has died, until cancelled."""
        while True:
            try:
                await self._look()
                self.failing = ""
            except (CaddyError, OSError, UserError) as error:
                if not self.failing:
                    log.error("front_failing", reason=first_line(error))
                self.failing = first_line(error)
                await asyncio.sleep(_AGAIN_SECONDS)
            await asyncio.sleep(EVERY_SECONDS)

    async def _look(self) -> None:
        if self._caddy.own and not await self._caddy.alive():
            log.error("caddy_died")
            await self._caddy.start(self._apps())
        seen, told = self._told
        forgotten = not (self._caddy.own or await self._caddy.holds(told))
        if seen == self._seen() and not (self.failing or forgotten):
            return
        apps = self._apps()
        if apps != told or self.failing or forgotten:
            await self._caddy.load(apps)

    def _apps(self) -> Json:
        seen = self._seen()
        apps = configuration(self._sites(), self._place)
        self._told = (seen, apps)
        return apps
