"""Records carry the version of robots.txt that was in force, and the one that a crawler has just got."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from crawlight.crawls.crawl import Record
from crawlight.database.tables import Domain
from crawlight.domains import robots_versions
from crawlight.domains.hosting import host_text
from crawlight.domains.settings import change_settings
from crawlight.domains.sites import load_sites
from crawlight.kit import clock
from crawlight.rendering import origins
from crawlight.rendering.origins import leave_to_site
from tests.ingest.conftest import Place
from tests.rendering.site import Site, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(place: Place) -> AsyncIterator[Site]:
    """The site of example.com."""
    async with serving() as origin:
        async with place.services.database.write() as session:
            (await session.get_one(Domain, 1)).origin = origin.url
        await change_settings(place.services.database, 1, allowed_networks=["127.0.0.0/8"])
        yield origin


def robots(site: Site, text: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text)

    site.pages["/robots.txt"] = answer


def asked(site: Site) -> int:
    return site.asked.count("/robots.txt")


def record(path: str, kind: str = "crawl", *, ago: float = 0, source: str = "render") -> Record:
    return Record(
        domain_id=1,
        ts=int(clock.now().timestamp() - ago),
        kind=kind,
        agent="GPTBot",
        key="openaibot",
        category="ai_training",
        identity="unverifiable",
        outcome="hit" if kind == "crawl" else "none",
        status=200,
        source=source,
        path=path,
    )


async def recorded(place: Place, *records: Record) -> None:
    await place.services.recorder.record(list(records))
    await place.services.recorder.hand_over()
    await place.services.loading.load()


def numbers(place: Place) -> dict[str, int]:
    paths, found = place.services.store.columns("SELECT path, robots_version FROM records ORDER BY ts")
    return dict(zip(paths, found, strict=True))


async def test_a_visit_to_it_is_looked_at_and_knows_its_version(place: Place, site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /a\n")
    await recorded(place, record("/before", ago=5), record("/robots.txt", "robots"))
    assert numbers(place) == {"/before": 0, "/robots.txt": 1}
    [version] = await robots_versions.versions(place.services.database, 1)
    assert (version.number, version.status, version.size) == (1, 200, 27)
    assert await robots_versions.content(place.services.database, 1, 1) == b"User-agent: *\nDisallow: /a\n"


async def test_the_hosted_one_is_what_is_read(place: Place, site: Site) -> None:
    database = place.services.database
    robots(site, "User-agent: *\nDisallow: /a\n")
    await recorded(place, record("/robots.txt", "robots", ago=60))
    assert numbers(place) == {"/robots.txt": 1}
    await host_text(database, 1, "robots.txt", "User-agent: *\nDisallow: /b\n")
    await recorded(place, record("/robots.txt", "robots"))
    assert numbers(place) == {"/robots.txt": 2}
    one = (await load_sites(database))[1]
    assert await place.services.rendering.robots.of(one) == "User-agent: *\nDisallow: /b\n"
    assert asked(site) == 1
    assert await leave_to_site(database, 1, "robots.txt")
    assert await robots_versions.text_in_force(database, 1) == "User-agent: *\nDisallow: /a\n"
    one = (await load_sites(database))[1]
    assert await place.services.rendering.robots.of(one) == "User-agent: *\nDisallow: /a\n"


async def test_crawls_know_what_was_in_force(place: Place, site: Site) -> None:
    database, moment = place.services.database, clock.now()
    for hours, content in ((3, b"one"), (2, b"two"), (1, b"one")):
        await robots_versions.keep(database, 1, 200, content, moment - timedelta(hours=hours))
    ages = {"/first": 2.5, "/second": 1.5, "/third": 0.5, "/never": 4}
    await recorded(place, *(record(path, ago=hours * 3600) for path, hours in ages.items()))
    assert numbers(place) == {"/first": 1, "/second": 2, "/third": 1, "/never": 0}


async def test_many_visits_are_one_look_in_a_while(
    place: Place, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    robots(site, "first")
    for _ in range(3):
        await recorded(place, *[record("/robots.txt", "robots")] * 20)
    assert asked(site) == 1
    monkeypatch.setattr(origins, "_VISITED_SECONDS", 0)
    robots(site, "second")
    await recorded(place, record("/robots.txt", "robots"))
    assert asked(site) == 2
    assert [one.number for one in await robots_versions.versions(place.services.database, 1)] == [2, 1]


@pytest.mark.parametrize("trouble", ["silent", "away"])
async def test_a_site_that_does_not_answer_keeps_no_crawl_back(
    place: Place, site: Site, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origins, "_WAIT_SECONDS", 0.05)
    release = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response(text="late")

    site.pages["/robots.txt"] = answer
    if trouble == "away":
        async with place.services.database.write() as session:
            (await session.get_one(Domain, 1)).origin = "http://127.0.0.1:9"
    await recorded(place, record("/robots.txt", "robots"), record("/a"))
    assert numbers(place) == {"/robots.txt": 0, "/a": 0}
    release.set()
    if trouble == "silent":  # What came too late for the record is noted nevertheless.
        async with asyncio.timeout(20):
            while not await robots_versions.versions(place.services.database, 1):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(("source", "looks"), [("render", 1), ("proxy", 1), ("event", 0)])
async def test_a_visit_starts_a_look_and_a_report_of_others_none(
    place: Place, site: Site, source: str, looks: int
) -> None:
    robots(site, "text")
    await recorded(place, record("/robots.txt", "robots", source=source))
    assert asked(site) == looks


async def test_it_is_looked_at_once_an_hour_while_crawlers_come(
    place: Place, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    robots(site, "text")
    database, files = place.services.database, place.services.rendering.robots
    task = asyncio.create_task(files.run())
    try:
        assert asked(site) == 0
        for path in ("/a", "/b"):
            await recorded(place, record(path))
            async with asyncio.timeout(20):
                while not await robots_versions.versions(database, 1):
                    await asyncio.sleep(0.02)
        assert asked(site) == 1
        # Another process, or this one after a restart, knows it from the database.
        other = origins.RobotsFiles(database)
        await other._look([1])
        assert asked(site) == 1
        monkeypatch.setattr(origins, "_HELD_SECONDS", 0)
        await recorded(place, record("/c"))
        async with asyncio.timeout(20):
            while asked(site) < 2:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_lines_of_logs_know_what_was_in_force(place: Place, tmp_path: Path) -> None:
    database, moment = place.services.database, clock.now()
    for hours, content in ((30, b"one"), (20, b"two")):
        await robots_versions.keep(database, 1, 200, content, moment - timedelta(hours=hours))
    log, ages = tmp_path / "access.log", {"/old": 40, "/first": 25, "/second": 1}
    with log.open("w") as file:
        for path, hours in ages.items():
            at = f"{moment - timedelta(hours=hours):%d/%b/%Y:%H:%M:%S +0000}"
            file.write(f'9.9.9.9 - - [{at}] "GET {path} HTTP/1.1" 200 12 "-" "GPTBot/1.2"\n')
    robots = await robots_versions.in_force(database, [1])
    await place.import_file(log, target={"robots": robots})
    assert numbers(place) == {"/old": 0, "/first": 1, "/second": 2}
