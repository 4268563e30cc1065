"""A server with people in it: each has a browser of their own in which they are signed in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from copy import copy
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from pwdlib import PasswordHash
from sqlalchemy import delete, update

from crawlight.accounts.people import create_account, find_account
from crawlight.accounts.rate import RateLimiter
from crawlight.accounts.scope import Scope, scope_of
from crawlight.accounts.sessions import begin_session
from crawlight.app import create_app
from crawlight.dashboard.state import Dashboard
from crawlight.dashboard.visits import SESSION
from crawlight.database.tables import Account, Domain, Membership
from crawlight.domains.registry import add_domain, share_domain
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings

PASSWORD = "correct horse battery"
HASH = PasswordHash.recommended().hash(PASSWORD)
ROLES = ("owner", "manager", "viewer", "stranger")
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin", "accept-language": "en"}


@dataclass
class House:
    """``browsers`` by who is signed in; ``nobody`` is signed out."""

    services: Services
    browsers: dict[str, httpx2.AsyncClient]
    dashboard: Dashboard

    async def get(self, who: str, path: str, /, **request: object) -> httpx2.Response:
        return await self.browsers[who].get(path, **request)

    async def post(self, who: str, path: str, /, **fields: str) -> httpx2.Response:
        return await self.browsers[who].post(path, data=fields)

    async def scope(self, who: str) -> Scope:
        account = await find_account(self.services.database, email_of(who))
        return await scope_of(self.services.database, account.id)


async def dashboard_of_app(app: Any) -> Dashboard:
    """The dashboard within an app, whatever is wrapped around it."""
    while not hasattr(app, "load"):
        app = app._app
    found: Dashboard = (await app.load()).state.dashboard
    return found


def email_of(who: str) -> str:
    return f"{who}@example.org"


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Services]:
    """Open stores, without anybody: opening them for each test would take most of the time."""
    settings = load_settings(data_dir=tmp_path_factory.mktemp("house") / "data")
    async with open_services(settings) as services:
        yield services


@pytest.fixture
def changes() -> dict[str, object]:
    """Settings of the house that differ from the defaults; a test's module may say others."""
    return {}


@pytest.fixture
async def house(open_house: Services, changes: dict[str, object]) -> AsyncIterator[House]:
    """Owner, manager and viewer of example.com, a stranger with a domain of their own, and nobody."""
    settings = open_house.settings.model_copy(update=changes)
    services = copy(open_house)
    services.settings, services.tries = settings, RateLimiter("memory://", "tries")
    database, plans = services.database, services.settings.plans
    async with database.write() as session:
        for table in (Membership, Domain, Account):
            await session.execute(delete(table))
    accounts = [await create_account(database, plans, email_of(who), plan="pro") for who in ROLES]
    async with database.write() as session:
        await session.execute(update(Account).values(password_hash=HASH))
    await add_domain(database, "example.com", email_of("owner"))
    await add_domain(database, "stranger.example", email_of("stranger"))
    for role in ("manager", "viewer"):
        await share_domain(database, "example.com", email_of(role), role)
    app = create_app(services)
    dashboard = await dashboard_of_app(app)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with AsyncExitStack() as opened:
        browsers = {}
        for who in (*ROLES, "nobody"):
            client = httpx2.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER)
            browsers[who] = await opened.enter_async_context(client)
        for who, account in zip(ROLES, accounts, strict=True):
            token = await begin_session(database, account.id, "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0")
            browsers[who].cookies.set("crawlight-session", await dashboard.sign(SESSION, token))
        yield House(services, browsers, dashboard)
