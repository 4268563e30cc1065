"""The door of the keyed API: who calls, how often this minute, and what the month has left.

The order of refusals is that of the contract: 401, per-minute 429, what the route checks, monthly 429.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from fastapi import Request

from crawlight.accounts import quotas
from crawlight.accounts.keys import Caller, authenticate, bearer_token
from crawlight.accounts.plans import Plans
from crawlight.accounts.rate import RateLimiter
from crawlight.database.engine import Database
from crawlight.errors import CrawlightError
from crawlight.kit.bodies import TooLongError, read_body

MOST_BODY_BYTES = 64 * 1024


class Gate:
    """Lets calls with a known key in, and counts them."""

    def __init__(self, database: Database, plans: Plans, limiter: RateLimiter) -> None:
        self._database = database
        self._plans = plans
        self._limiter = limiter

    async def enter(self, request: Request, key: str | None = None) -> Caller:
        """The caller of a key, that of ``Authorization`` if none is given. Raises 401, or 429 where the minute is
        used up.
        """
        key = bearer_token(request.headers.get("authorization")) if key is None else key
        caller = await authenticate(self._database, self._plans, key)
        if caller is None:
            raise CrawlightError("invalid_api_key")
        minute = await self._limiter.hit(caller.account_id, caller.limits.calls_per_minute)
        request.state.rate_headers = minute.headers()
        if not minute.allowed:
            raise await self._over(caller, "calls per minute", retry_after=minute.reset_seconds)
        return caller

    @asynccontextmanager
    async def one_of_the_month(self, caller: Caller) -> AsyncIterator[None]:
        """Use up one call of the monthly quota; it is given back where the block raises. Raises 429."""
        reservation = await quotas.reserve(self._database, caller.account_id, caller.limits.calls_per_month)
        if reservation is None:
            raise await self._over(caller, "calls per month", retry_after=quotas.seconds_to_next_month())
        try:
            yield
        except BaseException:
            await quotas.give_back(self._database, reservation)
            raise

    async def _over(self, caller: Caller, what: str, retry_after: int) -> CrawlightError:
        used = await quotas.usage(self._database, caller.account_id)
        members = {"usage": used, "limit": caller.limits.calls_per_month}
        return CrawlightError("rate_limit_exceeded", what, members=members, retry_after=retry_after)


async def json_object(request: Request, most_bytes: int = MOST_BODY_BYTES) -> Mapping[str, object]:
    """The body as a JSON object, ``{}`` where there is none. Raises 413 over ``most_bytes``, else 400."""
    try:
        body = await read_body(request, most_bytes)
    except TooLongError:
        raise CrawlightError("payload_too_large", f"body over {most_bytes} bytes") from None
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CrawlightError("invalid_request", "body is no JSON object") from None
