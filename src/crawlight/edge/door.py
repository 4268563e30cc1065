"""Lets known keys in, and holds in memory what they may see: a call costs no query while nothing changes."""

import time
from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request

from crawlight.accounts.keys import authenticate, bearer_token
from crawlight.accounts.plans import Plans
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.scope import scope_of
from crawlight.database.engine import Database
from crawlight.database.generation import generation
from crawlight.domains.sites import Site, load_sites
from crawlight.errors import CrawlightError

_ASKED_EVERY: Final = 0.8
"""Seconds between two looks at whether another process changed something: it must show within one."""

_HELD_FOR: Final = 60.0
"""Seconds after which a key is looked up anew in any case: its last use is noted then."""

_MOST_HELD: Final = 10_000


class Managed(msgspec.Struct, frozen=True):
    """The account of a key, and the domains that it owns or manages, by bare host."""

    account_id: int
    sites: dict[str, Site]


class _Held(msgspec.Struct, frozen=True):
    managed: Managed
    changes: int
    until: float


class Door:
    """``limits`` are calls per minute and account, by path."""

    def __init__(
        self, database: Database, plans: Plans, limiter: RateLimiter, limits: Mapping[str, int]
    ) -> None:
        self._database = database
        self._plans = plans
        self._limiter = limiter
        self._limits = limits
        self._held: dict[str, _Held] = {}
        self._generation = 0
        self._asked_at = float("-inf")

    async def enter(self, request: Request) -> Managed:
        """What the caller of a key manages. Raises 401, or 429 where the minute is used up."""
        headers, path = request.headers, request.url.path
        managed = await self._known(bearer_token(headers.get("authorization")) or headers.get("x-api-key"))
        if managed is None:
            raise CrawlightError("invalid_api_key")
        minute = await self._limiter.hit(f"{path}/{managed.account_id}", self._limits[path])
        request.state.rate_headers = minute.headers()
        if not minute.allowed:
            retry = {"Retry-After": str(minute.reset_seconds)}
            raise CrawlightError("rate_limit_exceeded", "calls per minute", headers=retry)
        return managed

    async def _known(self, key: str | None) -> Managed | None:
        now = time.monotonic()
        if now - self._asked_at > _ASKED_EVERY:
            await self._ask(now)
        held = self._held.get(key or "")
        if held is not None and held.until > now and held.changes == self._database.changes:
            return held.managed
        return await self._look_up(key, now)

    async def _ask(self, now: float) -> None:
        """Forget what is held where another process changed something."""
        async with self._database.read() as session:
            value = await generation(session)
        if value != self._generation:
            self._held.clear()
        self._generation, self._asked_at = value, now

    async def _look_up(self, key: str | None, now: float) -> Managed | None:
        # Read before: what changes while we look must not be held.
        changes, value = self._database.changes, self._generation
        caller = await authenticate(self._database, self._plans, key)
        if caller is None or key is None:
            return None
        scope = await scope_of(self._database, caller.account_id)
        mine = {domain.id for domain in scope.domains if domain.role != "viewer"}
        sites = await load_sites(self._database, mine) if mine else {}
        managed = Managed(caller.account_id, {site.host: site for site in sites.values()})
        if value == self._generation:
            self._hold(key, _Held(managed, changes, now + _HELD_FOR))
        return managed

    def _hold(self, key: str, held: _Held) -> None:
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[key] = held
