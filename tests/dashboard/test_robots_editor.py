"""The editor of robots.txt: checked without being saved, saved whole or not at all, restored, left to the site."""

import html

import pytest

from crawlight.domains import robots_versions
from crawlight.domains.hosting import change_agents, hosted
from crawlight.domains.pages import learn
from crawlight.domains.signals import Signals
from crawlight.kit.clock import now
from tests.dashboard.conftest import House
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/robots"
TEXT = "User-agent: *\nDisallow: /private\n\nUser-agent: GPTBot\nDisallow: /\n"


async def domain_id(house: House) -> int:
    return (await house.scope("owner")).domains[0].id


async def saved(house: House) -> str | None:
    file = await hosted(house.services.database, await domain_id(house), "robots.txt")
    return file.text if file else None


def row(page: str, name: str) -> str:
    """The words of a crawler's row in the table of verdicts."""
    start = page.index(f'<th scope="row">{name}')
    return page[start : page.index("</tr>", start)]


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_a_text_is_saved_and_shown(house: House, who: str) -> None:
    assert "Served by your site" in (await house.get(who, PATH)).text
    answer = await house.post(who, PATH, text=TEXT.replace("\n", "\r\n"))
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    assert await saved(house) == TEXT
    page = html.unescape((await house.get(who, PATH)).text)
    assert "Served by Crawlight since" in page
    assert f"\n{TEXT}</textarea>" in page
    assert "saved here" in page


async def test_a_check_says_who_may_fetch_what_and_saves_nothing(house: House) -> None:
    for who in ("owner", "viewer"):
        page = html.unescape((await house.post(who, f"{PATH}/check", text=TEXT, path="private/a")).text)
        assert "Crawlers can read every line." in page
        assert row(page, "Bingbot").count(">allowed<") == 2
        assert row(page, "Bingbot").count(">blocked<") == 1
        assert row(page, "OpenAI").count("some allowed") == 2
        assert ">blocked<" in row(page, "OpenAI")
        assert "<code>/private/a</code>" in page
        assert "blocked: GPTBot" not in page
        assert "may ignore robots.txt" in row(page, "WhatsApp")
    page = html.unescape((await house.post("owner", f"{PATH}/check", text=TEXT, path="/x")).text)
    assert "blocked: GPTBot" in row(page, "OpenAI")
    assert await saved(house) is None


async def test_what_is_wrong_is_told_with_its_line_and_not_saved(house: House) -> None:
    wrong = "User-agent: *\nDisalow: /<b>\nX-Else: 1\n"
    page = html.unescape((await house.post("owner", f"{PATH}/check", text=wrong)).text)
    assert 'Line 2: unknown directive "Disalow"; did you mean "Disallow"?' in page
    assert "Line 3: no crawler is known to read X-Else." in page
    assert "This table leaves out the line that has an error" in page
    two = f"{wrong}Disallow: a\n"
    page = html.unescape((await house.post("owner", f"{PATH}/check", text=two)).text)
    assert page.index("This table leaves out the 2 lines that have errors") < page.index("verdicts")
    fine = (await house.post("owner", f"{PATH}/check", text=TEXT)).text
    assert "This table leaves out" not in fine
    answer = await house.post("owner", PATH, text=wrong)
    assert answer.status_code == 400
    assert "Disalow: /&lt;b&gt;" in answer.text
    assert await saved(house) is None


@pytest.mark.parametrize("text", ["", "\n", "# later\n"])
async def test_a_file_without_rules_is_not_saved_silently(house: House, text: str) -> None:
    answer = await house.post("owner", PATH, text=text)
    assert (answer.status_code, await saved(house)) == (400, None)
    assert "allows every crawler to fetch everything" in answer.text
    assert (await house.post("owner", PATH, text="User-agent: *\nAllow: /\n")).status_code == 303


async def test_contradictions_are_told(house: House) -> None:
    database, domain = house.services.database, await domain_id(house)
    await learn(database, domain, ["/a", "/private/b"])
    await change_agents(database, domain, signals=Signals(ai_train="yes"))
    page = html.unescape((await house.post("owner", f"{PATH}/check", text=TEXT)).text)
    assert "Googlebot can't fetch 1 of 2 pages known from sitemaps and crawls, such as /private/b." in page
    assert "ai-train is yes, but robots.txt blocks GPTBot" in page
    assert "The text as it is sent, with your signals" in page
    assert "Content-Signal: ai-train=yes" in page


async def test_changes_are_rehearsed_and_not_saved(house: House) -> None:
    domain, moment = await domain_id(house), now()
    crawls = [("GPTBot", "/blog/a"), ("GPTBot", "/blog/a"), ("GPTBot", "/"), ("Googlebot", "/blog/a")]
    rows = [Record(domain, moment, agent=agent, path=path) for agent, path in crawls]
    insert(
        house.services.store,
        [*rows, Record(domain, moment, agent="GPTBot", path="/blog/b", identity="spoofed")],
    )
    text = "User-agent: GPTBot\nDisallow: /blog/\n"
    page = html.unescape((await house.post("owner", f"{PATH}/check", text=text, rehearse="90d")).text)
    assert "to 2 of 4. Nothing is saved yet." in page
    assert "forbidden by robots.txt" in page
    rules = "/domains/example.com/settings/rules"
    page = html.unescape(
        (await house.post("owner", f"{rules}/rehearse", rules="/blog/*,/news/:splat,302")).text
    )
    assert "to 3 of 4. Nothing is saved yet." in page
    assert "redirected (302)" in page
    assert "/blog/*,/news/:splat,302</textarea>" in page
    answer = await house.post("owner", f"{rules}/rehearse", rules="/a,/a,301")
    assert (answer.status_code, "leads to itself" in answer.text) == (400, True)
    assert await saved(house) is None


async def test_versions_are_restored(house: House) -> None:
    database, domain = house.services.database, await domain_id(house)
    await robots_versions.keep(database, domain, 200, b"User-agent: *\nDisallow: /sites-own\n")
    await robots_versions.keep(database, domain, 200, b"Disallow")
    await house.post("owner", PATH, text=TEXT)
    assert (await house.post("manager", f"{PATH}/restore", version="1")).status_code == 303
    assert await saved(house) == "User-agent: *\nDisallow: /sites-own\n"
    answer = await house.post("owner", f"{PATH}/restore", version="2")
    assert (answer.status_code, "is not a rule" in answer.text) == (400, True)
    for version in ("9", "0", "-1", "x", ""):
        assert (await house.post("owner", f"{PATH}/restore", version=version)).status_code == 404
    assert await saved(house) == "User-agent: *\nDisallow: /sites-own\n"


async def test_a_restored_version_says_the_signals_of_today(house: House) -> None:
    database, domain = house.services.database, await domain_id(house)
    await change_agents(database, domain, signals=Signals(ai_train="no"))
    await house.post("owner", PATH, text=TEXT)
    await house.post("owner", PATH, text="User-agent: *\nAllow: /\n")
    await change_agents(database, domain, signals=Signals())
    assert (await house.post("owner", f"{PATH}/restore", version="1")).status_code == 303
    assert await saved(house) == TEXT


async def test_the_site_answers_again(house: House) -> None:
    await house.post("owner", PATH, text=TEXT)
    assert (await house.post("owner", f"{PATH}/site")).status_code == 303
    assert await saved(house) is None


@pytest.mark.parametrize(("who", "change"), [("viewer", 403), ("stranger", 404), ("nobody", 303)])
async def test_others_change_nothing(house: House, who: str, change: int) -> None:
    await house.post("owner", PATH, text=TEXT)
    for path in (PATH, f"{PATH}/restore", f"{PATH}/site"):
        assert (await house.post(who, path, text="", version="1")).status_code == change
    assert await saved(house) == TEXT
