import re

import pytest

from tests.dashboard.conftest import PASSWORD, House, email_of

pytestmark = pytest.mark.anyio

OWNER, NEW = email_of("owner"), "another long password"


async def sign_in(house: House, password: str) -> int:
    return (await house.post("nobody", "/sign-in", email=OWNER, password=password)).status_code


async def test_a_new_password_signs_out_the_other_browsers(house: House) -> None:
    assert await sign_in(house, PASSWORD) == 303
    answer = await house.post("owner", "/account/password", current=PASSWORD, new=NEW)
    assert answer.headers["location"] == "/account"
    assert (await house.get("owner", "/account")).status_code == 200
    assert (await house.get("nobody", "/account")).status_code == 303
    assert await sign_in(house, PASSWORD) == 400
    assert await sign_in(house, NEW) == 303


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("wrong", NEW, "This is not your current password."),
        (PASSWORD, "short", "A password has 12 to 1024 characters."),
        (PASSWORD, "x" * 1025, "A password has 12 to 1024 characters."),
    ],
)
async def test_a_password_that_cannot_be_changed(house: House, current: str, new: str, said: str) -> None:
    answer = await house.post("owner", "/account/password", current=current, new=new)
    assert answer.status_code == 400
    assert said in answer.text
    assert await sign_in(house, PASSWORD) == 303


async def test_sessions_are_listed_and_ended(house: House) -> None:
    await sign_in(house, PASSWORD)
    page = (await house.get("owner", "/account")).text
    assert "Firefox on Linux" in page
    assert page.count("this browser") == 1
    (other,) = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert (await house.post("owner", "/account/sessions/end", session=other)).status_code == 303
    assert (await house.get("nobody", "/account")).status_code == 303
    assert (await house.get("owner", "/account")).status_code == 200


async def test_nobody_ends_the_session_of_another(house: House) -> None:
    await sign_in(house, PASSWORD)
    (other,) = re.findall(r'name="session" value="(\w+)"', (await house.get("owner", "/account")).text)
    await house.post("stranger", "/account/sessions/end", session=other)
    assert (await house.get("nobody", "/account")).status_code == 200


async def test_signing_out_everywhere_is_everywhere(house: House) -> None:
    await sign_in(house, PASSWORD)
    assert (await house.post("owner", "/account/sessions/end-all")).headers["location"] == "/sign-in"
    for who in ("owner", "nobody"):
        assert (await house.get(who, "/account")).status_code == 303
    assert (await house.get("stranger", "/account")).status_code == 200


async def test_an_account_goes_with_its_keys_when_it_owns_nothing(house: House) -> None:
    refused = await house.post("owner", "/account/remove", typed=OWNER)
    assert (refused.status_code, "owns example.com" in refused.text) == (409, True)
    viewer = email_of("viewer")
    assert (await house.post("viewer", "/account/remove", typed=OWNER)).status_code == 400
    assert (await house.get("viewer", "/account")).status_code == 200
    assert (await house.post("viewer", "/account/remove", typed=viewer)).headers["location"] == "/sign-in"
    assert (await house.get("viewer", "/account")).status_code == 303
    assert (await house.post("nobody", "/sign-in", email=viewer, password=PASSWORD)).status_code == 400
    assert viewer not in (await house.get("owner", "/domains/example.com/settings/sharing")).text
