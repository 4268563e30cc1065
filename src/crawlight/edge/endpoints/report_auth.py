"""Lets known keys in to report, as many calls a minute as they may make."""

from collections.abc import Mapping

from starlette.requests import Request

from crawlight.accounts.rate import RateLimiter
from crawlight.edge.directory import Directory
from crawlight.edge.tenants import Client
from crawlight.errors import CrawlightError


class ReportAuth:
    """``limits`` are calls per minute and account, by path."""

    def __init__(self, directory: Directory, limiter: RateLimiter, limits: Mapping[str, int]) -> None:
        self._directory = directory
        self._limiter = limiter
        self._limits = limits

    async def enter(self, request: Request) -> Client:
        """Who calls. Raises 401, 429 where the minute is used up, 503 where nobody can be told apart."""
        client = await self._client(request)
        path = request.url.path
        minute = await self._limiter.hit(f"{path}/{client.account_id}", self._limits[path])
        request.state.rate_headers = minute.headers()
        if not minute.allowed:
            raise CrawlightError("rate_limit_exceeded", "calls per minute", retry_after=minute.reset_seconds)
        return client

    async def _client(self, request: Request) -> Client:
        if self._directory.outdated:
            await self._directory.catch_up()
        given = (request.headers.get(name, "").encode("latin-1") for name in ("authorization", "x-api-key"))
        client = self._directory.client(*given)
        if client is not None:
            return client
        if self._directory.loaded:
            raise CrawlightError("invalid_api_key")
        raise CrawlightError("unavailable", "database away")
