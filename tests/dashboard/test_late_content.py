"""What is learned of late content stands among a domain's settings, where it is fixed or forgotten."""

import html

import pytest

from crawlight.domains import late_content
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

SETTINGS = "/domains/example.com/settings"
PATH = f"{SETTINGS}/late-content"


async def domain_id(house: House) -> int:
    return (await house.scope("owner")).domains[0].id


async def test_what_is_learned_is_shown_and_forgotten(house: House) -> None:
    database, domain = house.services.database, await domain_id(house)
    assert "Nothing learned so far" in (await house.get("viewer", SETTINGS)).text
    await late_content.note(database, domain, "/watch/1", 1200, ("text", "links"))
    assert "not yet" in (await house.get("viewer", SETTINGS)).text
    await late_content.note(database, domain, "/watch/2", 1000, ("head",))
    page = html.unescape((await house.get("viewer", SETTINGS)).text)
    for shown in ("/watch/*", "text, links, head", "1,600 ms"):
        assert shown in page
    assert "Learn again" not in page
    await house.post("manager", f"{PATH}/forget", pattern="/watch/*")
    assert await late_content.of_domain(database, domain) == []


async def test_a_wait_is_fixed(house: House) -> None:
    database, domain = house.services.database, await domain_id(house)
    answer = await house.post("owner", PATH, pattern="/shop/*", milliseconds="2500")
    assert answer.headers["location"] == f"{SETTINGS}#late-content"
    assert (await late_content.of_path(database, domain, "/shop/7")).wait == 2500
    page = (await house.get("owner", SETTINGS)).text
    assert "2,500 ms" in page
    assert "Renders of /shop/* wait 2500 ms from now on." in page


@pytest.mark.parametrize(
    ("pattern", "milliseconds", "error"),
    [
        ("/shop/*", "soon", "'soon' is no number of milliseconds."),
        ("/shop/*", "10001", "Renders wait 0 to 10000 ms, not 10001."),
        ("/shop/7", "100", "'/shop/7' is no such pattern"),
    ],
)
async def test_a_wrong_wait_is_told(house: House, pattern: str, milliseconds: str, error: str) -> None:
    answer = await house.post("owner", PATH, pattern=pattern, milliseconds=milliseconds)
    assert answer.status_code == 400
    assert error in html.unescape(answer.text)
    assert await late_content.of_domain(house.services.database, await domain_id(house)) == []


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("stranger", 404), ("nobody", 303)])
async def test_others_change_nothing(house: House, who: str, status: int) -> None:
    for path in (PATH, f"{PATH}/forget"):
        assert (await house.post(who, path, pattern="/shop/*", milliseconds="1")).status_code == status
