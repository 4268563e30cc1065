"""Files that are hosted: saved whole or not at all, versions kept, signals written into robots.txt."""

import asyncio
import gzip

import pytest

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import robots_versions
from crawlight.domains.hosted import content_of
from crawlight.domains.hosting import change_agents, host_text, hosted, leave_to_site, version
from crawlight.domains.registry import add_domain
from crawlight.domains.signals import Signals
from crawlight.domains.sites import load_sites
from crawlight.errors import UserError

pytestmark = pytest.mark.anyio

ROBOTS = "robots.txt"
TEXT = "User-agent: *\nDisallow: /a\n"


async def sent(database: Database, domain: Domain) -> str:
    content = await content_of(database, domain.id, "/robots.txt")
    assert content is not None
    return gzip.decompress(content.gzip).decode()


async def test_a_text_is_saved_and_becomes_the_version_in_force(database: Database, domain: Domain) -> None:
    await robots_versions.keep(database, domain.id, 200, b"the site's")
    await host_text(database, domain.id, ROBOTS, TEXT)
    file = await hosted(database, domain.id, ROBOTS)
    assert file is not None
    assert (file.mode, file.text) == ("text", TEXT)
    assert await sent(database, domain) == TEXT
    found = await robots_versions.versions(database, domain.id)
    assert [(one.number, one.in_force, one.saved_at is not None) for one in found] == [
        (2, True, True),
        (1, False, False),
    ]
    assert await robots_versions.content(database, domain.id, 2) == TEXT.encode()
    assert await robots_versions.text_in_force(database, domain.id) == TEXT


async def test_a_site_knows_what_it_has_hosted(database: Database, domain: Domain) -> None:
    other = await add_domain(database, "other.example", "owner@example.org")
    await host_text(database, domain.id, ROBOTS, TEXT)
    before = (await load_sites(database))[domain.id]
    assert (before.hosts("/robots.txt?a=b"), before.hosts("/robots.txt/"), before.hosts("/")) == (
        True,
        False,
        False,
    )
    await host_text(database, domain.id, ROBOTS, "User-agent: *\nAllow: /\n")
    after = await load_sites(database, iter([domain.id, other.id]))
    assert after[domain.id].hosted["/robots.txt"] != before.hosted["/robots.txt"]
    assert after[other.id].hosted == {}


async def test_what_is_wrong_changes_nothing(database: Database, domain: Domain) -> None:
    await host_text(database, domain.id, ROBOTS, TEXT)
    with pytest.raises(
        UserError, match=r'^line 2: unknown directive "Dissallow"; did you mean "Disallow"\?; line 4: a path'
    ):
        await host_text(database, domain.id, ROBOTS, "User-agent: *\nDissallow: /\n\nAllow: x\n")
    with pytest.raises(UserError, match=r"'style\.css' cannot be hosted"):
        await host_text(database, domain.id, "style.css", "")
    assert await sent(database, domain) == TEXT
    assert len(await robots_versions.versions(database, domain.id)) == 1


async def test_signals_are_written_into_it_and_taken_out_again(database: Database, domain: Domain) -> None:
    await host_text(database, domain.id, ROBOTS, TEXT)
    await change_agents(database, domain.id, signals=Signals(ai_train="no"))
    said = "User-agent: *\nContent-Signal: ai-train=no\nContent-Usage: train-ai=n\nDisallow: /a\n"
    assert await sent(database, domain) == said
    assert await robots_versions.text_in_force(database, domain.id) == said
    before = await robots_versions.versions(database, domain.id)
    await change_agents(database, domain.id, markdown=False)
    assert await robots_versions.versions(database, domain.id) == before
    await host_text(database, domain.id, ROBOTS, "User-agent: *\nDisallow: /b\n")
    assert "Content-Signal: ai-train=no\n" in await sent(database, domain)
    await change_agents(database, domain.id, signals=Signals())
    assert await sent(database, domain) == "User-agent: *\nDisallow: /b\n"
    file = await hosted(database, domain.id, ROBOTS)
    assert file is not None
    assert file.text == "User-agent: *\nDisallow: /b\n"


async def test_the_site_answers_again(database: Database, domain: Domain) -> None:
    assert not await leave_to_site(database, domain.id, ROBOTS)
    await host_text(database, domain.id, ROBOTS, TEXT)
    assert await leave_to_site(database, domain.id, ROBOTS)
    assert await hosted(database, domain.id, ROBOTS) is None
    assert await content_of(database, domain.id, "/robots.txt") is None
    assert (await load_sites(database))[domain.id].hosted == {}


async def test_a_restored_version_has_no_signals_of_its_own(database: Database, domain: Domain) -> None:
    await change_agents(database, domain.id, signals=Signals(search="yes", ai_train="no"))
    for text in (TEXT, "User-agent: GPTBot\r\nDisallow: /\r\n"):
        await host_text(database, domain.id, ROBOTS, text)
    assert await version(database, domain.id, 1) == TEXT
    assert await version(database, domain.id, 2) == (
        "User-agent: GPTBot\r\nDisallow: /\r\n\r\nUser-agent: *\r\nAllow: /\r\n"
    )
    await host_text(database, domain.id, ROBOTS, await version(database, domain.id, 1) or "")
    await change_agents(database, domain.id, signals=Signals())
    assert await sent(database, domain) == TEXT


async def test_a_restored_version_keeps_the_signals_of_its_author(database: Database, domain: Domain) -> None:
    own = "User-agent: *\nDisallow: /a\nContent-Signal: ai-train=no\n"
    sites = "User-agent: *\nContent-Signal: ai-train=no\nContent-Usage: train-ai=n\nAllow: /\n"
    await host_text(database, domain.id, ROBOTS, own)
    await robots_versions.keep(database, domain.id, 200, sites.encode())
    assert [await version(database, domain.id, number) for number in (1, 2, 3)] == [own, sites, None]


async def test_signals_that_change_while_a_text_is_saved_are_in_it(
    database: Database, domain: Domain
) -> None:
    """Whoever writes last knows what the other wrote, in whichever order they come."""
    texts = [f"User-agent: *\nDisallow: /{n}\n" for n in range(20)]
    for number, text in enumerate(texts):
        said = Signals(ai_train="no" if number % 2 else "yes")
        await asyncio.gather(
            host_text(database, domain.id, ROBOTS, text), change_agents(database, domain.id, signals=said)
        )
        assert f"Content-Signal: ai-train={said.ai_train}\n" in await sent(database, domain)


async def test_a_long_sitemap_keeps_nobody_waiting(database: Database, domain: Domain) -> None:
    urls = "".join(
        f"<url><loc>https://www.example.com:443/%e9/../%c3%a9/p{n}?d=%34&amp;c=3&amp;b=2&amp;a=1</loc></url>"
        for n in range(50_000)
    )
    saving = asyncio.create_task(host_text(database, domain.id, "sitemap.xml", f"<urlset>{urls}</urlset>"))
    turns = 0
    while not saving.done():
        await asyncio.sleep(0.005)
        turns += 1
    await saving
    assert turns > 20
