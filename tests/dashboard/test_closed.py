"""A server as it is without settings: no mails, no open door."""

import pytest

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
