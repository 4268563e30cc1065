import html
import re
from datetime import timedelta

import pytest

from crawlight.domains import indexnow, robots_versions
from crawlight.domains.agents import DEFAULTS, AgentSettings, read_agents
from crawlight.domains.pages import learn, path_digest
from crawlight.domains.signals import Signals
from crawlight.kit.clock import now
from tests.dashboard.conftest import House
from tests.records import Record, insert

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
    await house.post(who, PATH, **FIELDS, canonical_redirects="on")
    assert (await chosen(house)).canonical_redirects
    page = html.unescape((await house.get(who, PATH)).text)
    assert "Content-Signal: search=yes, ai-train=no\nContent-Usage: train-ai=n, search=y" in page
    assert "hasn't seen your robots.txt" in page
    await house.post(who, PATH, markdown="on")
    assert await chosen(house) == DEFAULTS


async def test_contradictions_are_told(house: House) -> None:
    domain = (await house.scope("owner")).domains[0].id
    await robots_versions.keep(house.services.database, domain, 200, b"User-agent: Bingbot\nDisallow: /")
    await house.post("owner", PATH, **FIELDS)
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert "search is yes, but robots.txt blocks bingbot" in page
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


async def test_indexnow_is_switched_and_its_state_shown(house: House) -> None:
    database, domain = house.services.database, (await house.scope("owner")).domains[0].id
    await house.post("owner", PATH, **FIELDS, indexnow="on")
    key = (await chosen(house)).indexnow_key
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert f"https://example.com/{key}.txt" in page
    await learn(database, domain, ["/a", "/b"])
    digests = [path_digest(path) for path in ("/a", "/b")]
    looked = dict.fromkeys(digests, indexnow.Looked(b"c" * 32, b"t" * 16))
    await indexnow.looked_at(database, domain, 1, looked, set(digests))
    await indexnow.told(database, domain, await indexnow.to_tell(database, domain))
    await indexnow.pause(database, domain, "The search engines did not find the key file.", 3_600)
    bing = {"agent": "bingbot", "key": "bingbot", "domain_id": domain, "path": "/a"}
    rows = [Record(ts=now() + timedelta(seconds=90), **bing), Record(ts=now() - timedelta(hours=1), **bing)]
    rows += [Record(ts=now() + timedelta(seconds=5), **bing | {"identity": "spoofed"})]
    await house.services.store.run(insert, house.services.store, rows)
    page = html.unescape((await house.get("viewer", PATH)).text)
    assert "did not find the key file. The next try is at" in page
    assert 'Fetched since, of the 2 pages told last</dt><dd class="num">1</dd>' in page
    assert re.search(r"median</dt><dd class=\"num\">1 min|median</dt><dd class=\"num\">(89|90)", page)
    one = html.unescape((await house.get("viewer", "/domains/example.com/page?path=/a")).text)
    assert "bingbot came after" in one
    assert "nobody came yet" in (await house.get("viewer", "/domains/example.com/page?path=/b")).text
    await house.post("owner", PATH, **FIELDS)
    assert (await chosen(house)).indexnow_key == ""
