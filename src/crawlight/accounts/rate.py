"""The limit per minute: a minute is 60 seconds from the first call, and every call in it counts."""

import math
import time
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import StorageError

if TYPE_CHECKING:
    from redis.asyncio.connection import ConnectionPool

MINUTE: Final = 60

log = structlog.get_logger(__name__)


class Minute(msgspec.Struct, frozen=True):
    """What a call was told: whether it may go on, and what is left of its minute.

    ``reset_seconds``, 1 to 60, is when the next minute may begin.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """The headers that tell a caller of its minute."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class RateLimiter:
    """Counts calls by account, in memory (``memory://``) or in Redis or Valkey (``redis://``, ``rediss://``).

    It fails open: without its store every call is allowed. ``failures`` counts those calls.
    """

    def __init__(self, url: str, name: str = "api") -> None:
        """``name`` keeps the counts of different limits apart in one store."""
        self.failures = 0
        self._name = name
        self._pool = None if url.startswith("memory:") else _pool(url)
        self._storage = _storage(url, self._pool)

    async def hit(self, caller: int | str, limit: int) -> Minute:
        """Count one call of an account, or of whoever is named, against ``limit`` calls per minute.

        Refused calls count too.
        """
        key = f"crawlight/{self._name}/{caller}"
        try:
            # The store begins the minute with the first count and lets it end by itself, both in one step.
            count = await self._storage.incr(key, MINUTE)
            end = await self._storage.get_expiry(key)
        except StorageError as error:
            self.failures += 1
            log.warning("rate_limit_store_away", reason=str(error), failures=self.failures)
            return Minute(True, limit, limit, MINUTE)
        left = math.ceil(end - time.time())
        return Minute(count <= limit, limit, max(limit - count, 0), min(max(left, 1), MINUTE))

    async def close(self) -> None:
        """Close the connections to the store."""
        if self._pool is not None:
            await self._pool.aclose()


def _pool(url: str) -> "ConnectionPool":
    # Not at the top: the client takes a tenth of a second to import, and the default needs none.
    from redis.asyncio.connection import ConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    # A store that hangs must not hang the API: little patience, and one more try for the case that
    # the store had closed an idle connection.
    return ConnectionPool.from_url(
        url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 1)
    )


def _storage(url: str, pool: "ConnectionPool | None") -> Storage:
    if pool is None:
        return MemoryStorage()
    return RedisStorage(url, wrap_exceptions=True, implementation="redispy", connection_pool=pool)  # type: ignore[arg-type]
