import html

import pytest

from crawlight.domains.settings import read_settings
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/headers"


async def saved(house: House) -> tuple[str, str]:
    domain = (await house.scope("owner")).domains[0]
    settings = await read_settings(house.services.database, domain.id)
    return settings.content_security_policy, settings.robots_header


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_headers_are_saved_and_shown(house: House, who: str) -> None:
    given = "default-src 'self';\r\n img-src *"
    assert (await house.post(who, PATH, policy=given, lift="on")).status_code == 303
    assert await saved(house) == ("default-src 'self'; img-src *", "lift")
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert "default-src 'self'; img-src *</textarea>" in page
    assert "checked" in page
    assert (await house.post(who, PATH, policy="")).status_code == 303
    assert await saved(house) == ("", "origin")


async def test_directives_that_browsers_ignore_are_told_and_saved(house: House) -> None:
    given = "defalt-src 'self'; img-src *; img-src b.example; x-mine a"
    assert (await house.post("owner", PATH, policy=given)).status_code == 303
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert "No browser knows the directive defalt-src, so it has no effect; did you mean default-src?" in page
    assert "Browsers read only the first img-src." in page
    assert "No browser knows the directive x-mine, so it has no effect." in page
    assert (await saved(house))[0] == given
    fine = "default-src 'self'; frame-ancestors 'none'; upgrade-insecure-requests"
    await house.post("owner", PATH, policy=fine)
    assert "No browser knows" not in (await house.get("viewer", PATH)).text


@pytest.mark.parametrize("policy", ["<b>", "default-src 'self'; Ä", "default-src {x}", "a b;" * 3_000, "/x"])
async def test_what_is_no_policy_changes_nothing(house: House, policy: str) -> None:
    answer = await house.post("owner", PATH, policy=policy, lift="on")
    assert answer.status_code == 400
    assert "<b>" not in answer.text
    assert await saved(house) == ("", "origin")


@pytest.mark.parametrize(("who", "change"), [("viewer", 403), ("stranger", 404), ("nobody", 303)])
async def test_others_change_nothing(house: House, who: str, change: int) -> None:
    assert (await house.post(who, PATH, policy="default-src *", lift="on")).status_code == change
    assert await saved(house) == ("", "origin")
