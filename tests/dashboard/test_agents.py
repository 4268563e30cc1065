import html

import pytest

from crawlight.domains import robots_versions
from crawlight.domains.agents import DEFAULTS, AgentSettings, read_agents
from crawlight.domains.signals import Signals
from tests.dashboard.conftest import House

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/agents"
FIELDS = {
    "no_markdown_for": "gptbot\r\n\r\n",
    "signal-search": "yes",
    "signal-ai-input": "",
    "signal-ai-train": "no",
}


async def chosen(house: House) -> AgentSettings:
    return await read_agents(house.services.database, (await house.scope("owner")).domains[0].id)


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_settings_are_saved_and_shown(house: House, who: str) -> None:
    before = html.unescape((await house.get(who, PATH)).text)
    assert "Content-Signal:" not in before
    assert "OpenAI" in before
    assert (await house.post(who, PATH, **FIELDS)).headers["location"] == PATH
    assert await chosen(house) == AgentSettings(False, ("GPTBot",), Signals("yes", "", "no"))
    page = html.unescape((await house.get(who, PATH)).text)
    assert "Content-Signal: search=yes, ai-train=no\nContent-Usage: train-ai=n, search=y" in page
    assert "has not seen your robots.txt" in page
    await house.post(who, PATH, markdown="on")
    assert await chosen(house) == DEFAULTS


async def test_contradictions_are_told(house: House) -> None:
    domain = (await house.scope("owner")).domains[0].id
    await robots_versions.keep(house.services.database, domain, 200, b"User-agent: Bingbot\nDisallow: /")
    await house.post("owner", PATH, **FIELDS)
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert "search is yes, but robots.txt keeps bingbot out" in page
    assert "<fieldset disabled>" in page


@pytest.mark.parametrize("wrong", [{"no_markdown_for": "NoBot"}, {"signal-search": "perhaps"}])
async def test_what_is_wrong_changes_nothing(house: House, wrong: dict[str, str]) -> None:
    answer = await house.post("owner", PATH, **(FIELDS | wrong))
    assert answer.status_code == 400
    assert next(iter(wrong.values())) in html.unescape(answer.text)
    assert await chosen(house) == DEFAULTS


@pytest.mark.parametrize(
    ("who", "read", "change"), [("viewer", 200, 403), ("stranger", 404, 404), ("nobody", 303, 303)]
)
async def test_others_change_nothing(house: House, who: str, read: int, change: int) -> None:
    assert (await house.get(who, PATH)).status_code == read
    assert (await house.post(who, PATH, **FIELDS)).status_code == change
    assert await chosen(house) == DEFAULTS
