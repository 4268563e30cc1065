import re

import pytest

from tests.api.conftest import EXPORT
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

KEY = re.compile(r"hado_sk_[0-9a-f]{48}")


async def test_a_key_is_shown_once_and_works(house: House) -> None:
    made = await house.post("owner", "/account/keys", name="laptop")
    (key,) = set(KEY.findall(made.text))
    assert made.headers["cache-control"] == "no-store"
    page = (await house.get("owner", "/account/keys")).text
    assert "laptop" in page
    assert key[:16] in page
    assert not KEY.search(page)
    headers = {"Authorization": f"Bearer {key}"}
    assert (await house.browsers["nobody"].post(EXPORT, headers=headers)).status_code == 200


async def test_a_revoked_key_is_dead(house: House) -> None:
    (key,) = set(KEY.findall((await house.post("owner", "/account/keys", name="laptop")).text))
    assert (await house.post("owner", "/account/keys/revoke", prefix=key[:16])).status_code == 303
    headers = {"Authorization": f"Bearer {key}"}
    assert (await house.browsers["nobody"].post(EXPORT, headers=headers)).status_code == 401
    page = (await house.get("owner", "/account/keys")).text
    assert "laptop is revoked." in page
    assert "Revoked keys (1)" in page
    assert "laptop is revoked." not in (await house.get("owner", "/account/keys")).text


async def test_the_plan_bounds_the_keys(house: House) -> None:
    for name in ("one", "two"):
        assert (await house.post("owner", "/account/keys", name=name)).status_code == 200
    third = await house.post("owner", "/account/keys", name="three")
    assert third.status_code == 409
    assert "plan pro allows 2; revoke one first." in third.text
    assert "crawlight key" not in third.text
    assert "all are in use" in third.text


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
async def test_a_key_needs_a_name(house: House, name: str) -> None:
    answer = await house.post("owner", "/account/keys", name=name)
    assert answer.status_code == 400
    assert "name of 1 to 100 characters" in answer.text


async def test_nobody_revokes_the_key_of_another(house: House) -> None:
    (key,) = set(KEY.findall((await house.post("owner", "/account/keys", name="laptop")).text))
    for who in ("manager", "stranger"):
        answer = await house.post(who, "/account/keys/revoke", prefix=key[:16])
        assert answer.status_code == 400
        assert "laptop" not in (await house.get(who, "/account/keys")).text
    assert (await house.post("nobody", "/account/keys/revoke", prefix=key[:16])).status_code == 303
    assert "laptop" in (await house.get("owner", "/account/keys")).text
    headers = {"Authorization": f"Bearer {key}"}
    assert (await house.browsers["nobody"].post(EXPORT, headers=headers)).status_code == 200


async def test_the_plan_page_tells_what_is_used(house: House) -> None:
    (key,) = set(KEY.findall((await house.post("owner", "/account/keys", name="laptop")).text))
    await house.browsers["nobody"].post(EXPORT, headers={"Authorization": f"Bearer {key}"})
    page = (await house.get("owner", "/account/plan")).text
    assert '<strong>1</strong> <span class="soft">of 1,500</span>' in page
    assert '<strong>1</strong> <span class="soft">of 2</span>' in page
    german = await house.get("owner", "/account/plan", headers={"accept-language": "de"})
    assert "of 1.500" in german.text
