import html

import pytest

from crawlight.domains.rule_lists import rules_of
from crawlight.domains.rules import Rule
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/rules"


async def saved(house: House) -> list[Rule]:
    return await rules_of(house.services.database, (await house.scope("owner")).domains[0].id)


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_rules_are_saved_tried_and_given_back(house: House, who: str) -> None:
    given = "/blog/*,/news/:splat,301\r\n\r\n/gone,,410\r\n"
    assert (await house.post(who, PATH, rules=given)).headers["location"] == PATH
    assert await saved(house) == [Rule("/blog/*", "/news/:splat", "301"), Rule("/gone", "", "410")]
    page = html.unescape((await house.get(who, PATH)).text)
    assert "2 rules saved." in page
    assert "/blog/*,/news/:splat,301\n/gone,,410" in page
    tried = html.unescape((await house.get(who, PATH, params={"try": "/blog/a?b=c"})).text)
    assert "/news/a?b=c" in tried
    assert "No rule matches" in (await house.get(who, PATH, params={"try": "else"})).text
    assert (
        await house.get(who, PATH + ".csv")
    ).text == "source,destination,type\n/blog/*,/news/:splat,301\n/gone,,410\n"
    assert (await house.get(who, PATH + ".json")).json()["rules"][1]["type"] == "410"


async def test_a_wrong_line_changes_nothing_and_is_shown_again(house: House) -> None:
    await house.post("owner", PATH, rules="/a,/b,301")
    answer = await house.post("owner", PATH, rules="/a,/b,301\n/c,<script>,301")
    page = html.unescape(answer.text)
    assert answer.status_code == 400
    assert "Line 2:" in page or "line 2:" in page
    assert "/c,&lt;script&gt;,301" in answer.text
    assert await saved(house) == [Rule("/a", "/b", "301")]


@pytest.mark.parametrize(
    ("who", "read", "change"), [("viewer", 200, 403), ("stranger", 404, 404), ("nobody", 303, 303)]
)
async def test_others_change_nothing(house: House, who: str, read: int, change: int) -> None:
    assert (await house.get(who, PATH)).status_code == read
    if who != "nobody":
        for twin in (".json", ".csv"):
            assert (await house.get(who, PATH + twin)).status_code == read
    assert (await house.post(who, PATH, rules="/a,/b,301")).status_code == change
    assert await saved(house) == []
