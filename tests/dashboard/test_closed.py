"""A server as it is without settings: no mails, no open door."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crawlight.accounts.secrets import make_secrets
from crawlight.database.engine import Database
from crawlight.database.tables import Session
from crawlight.kit.clock import now
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio


async def test_there_is_no_sign_up(house: House) -> None:
    assert "/sign-up" not in (await house.get("nobody", "/sign-in")).text
    assert (await house.get("nobody", "/sign-up")).status_code == 404
    assert (await house.post("nobody", "/sign-up", email="new@example.org")).status_code == 404


async def test_who_forgot_a_password_learns_whom_to_ask(house: House) -> None:
    page = await house.get("nobody", "/reset")
    assert "crawlight user reset" in page.text
    assert "<form" not in page.text


async def test_pages_are_shown_while_others_write(house: House) -> None:
    database, an_hour_ago = house.services.database, now() - timedelta(hours=1)

    async def noted() -> bool:
        async with database.read() as session:
            return an_hour_ago not in await session.scalars(select(Session.seen_at))

    async with database.write() as session:
        await session.execute(update(Session).values(seen_at=an_hour_ago))
    await make_secrets(database)
    house.dashboard._key = b""
    other = await Database.open(house.services.settings.database_url)
    # Held over the whole block: whoever waited for it would wait in vain.
    async with other.write():
        for path in (
            "/",
            "/domains/example.com",
            "/domains/example.com/pages",
            "/domains/example.com/settings",
        ):
            assert (await house.get("owner", path)).status_code == 200
        assert (await house.get("nobody", "/sign-in")).status_code == 200
        assert not await noted()
    await other.close()
    for who in ("owner", "manager", "viewer", "stranger"):
        await house.get(who, "/")
    assert await noted()
