from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from crawlight.accounts.keys import create_key
from crawlight.accounts.people import create_account
from crawlight.app import create_app
from crawlight.domains.registry import add_domain, share_domain
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings

EXPORT = "/functions/v1/export-user-analytics"
PURGE = "/functions/v1/purge-cache"


@dataclass
class Site:
    """A running app with one domain and everyone who may come to it."""

    services: Services
    client: httpx2.AsyncClient
    keys: dict[str, str]

    async def export(self, who: str = "owner", /, **body: object) -> httpx2.Response:
        return await self.post(EXPORT, who, json=body)

    async def purge(self, who: str = "owner", /, **body: object) -> httpx2.Response:
        return await self.post(PURGE, who, json=body)

    async def post(
        self,
        path: str,
        who: str = "owner",
        *,
        json: object = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] = {},
    ) -> httpx2.Response:
        sent = {"Authorization": f"Bearer {self.keys[who]}", **headers}
        return await self.client.post(path, headers=sent, json=json, content=content)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Owner, manager and viewer of example.com, a stranger with a domain of their own, and one on plan starter."""
    settings = load_settings(data_dir=tmp_path / "data")
    async with open_services(settings) as services:
        keys = {}
        for who in ("owner", "manager", "viewer", "stranger", "starter"):
            plan = "starter" if who == "starter" else "pro"
            account = await create_account(services.database, settings.plans, f"{who}@example.org", plan=plan)
            keys[who] = await create_key(services.database, settings.plans, account.id, "test")
        await add_domain(services.database, "example.com", "owner@example.org")
        await add_domain(services.database, "stranger.example", "stranger@example.org")
        for role in ("manager", "viewer"):
            await share_domain(services.database, "example.com", f"{role}@example.org", role)
        transport = httpx2.ASGITransport(create_app(services), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Site(services, client, keys)
