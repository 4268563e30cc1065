"""The versions of robots.txt stand among a domain's settings, with what changed and who has got which."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from crawlight.domains import robots_versions
from tests.dashboard.conftest import House
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/robots"
START = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
FIRST = b"User-agent: *\nDisallow: /private\nAllow: /\n"
SECOND = b"User-agent: *\nDisallow: /secret\nAllow: /\n"


async def domain_id(house: House) -> int:
    return (await house.scope("owner")).domains[0].id


async def seen(house: House, *answers: tuple[int, bytes]) -> int:
    domain = await domain_id(house)
    for hours, (status, content) in enumerate(answers):
        moment = START + timedelta(hours=hours)
        await robots_versions.keep(house.services.database, domain, status, content, moment)
    return domain


async def test_versions_and_their_difference_are_shown(house: House) -> None:
    await seen(house, (200, FIRST), (200, SECOND))
    page = html.unescape((await house.get("viewer", PATH)).text)
    for shown in (
        "Version 2",
        "Compared with version 1",
        "Removed: ",
        "Disallow: /private",
        "Disallow: /secret",
    ):
        assert shown in page
    assert "Nov 1, 2026, 09:30 UTC" in page
    first = html.unescape((await house.get("viewer", f"{PATH}?version=1")).text)
    assert "The first version that Crawlight has seen." in first
    assert "Disallow: /private" in first
    assert "Disallow: /secret" not in first[first.index('id="shown-title"') :]


async def test_the_twins_have_what_the_page_has(house: House) -> None:
    domain = await seen(house, (200, FIRST), (404, b"<html>nothing here"))
    members = {
        "kind": "robots",
        "path": "/robots.txt",
        "domain_id": domain,
        "outcome": "none",
        "source": "render",
    }
    rows = [
        Record(ts=START, agent="GPTBot", robots_version=1, **members),
        Record(ts=START + timedelta(hours=1), agent="GPTBot", robots_version=2, **members),
        Record(ts=START, agent="CCBot", **members),
        Record(ts=START, agent="Bytespider", identity="spoofed", **members),
    ]
    insert(house.services.store, rows)
    found = (await house.get("viewer", f"{PATH}.json")).json()
    assert found["domain"] == "example.com"
    assert [(one["number"], one["status"], one["size"], one["inForce"]) for one in found["versions"]] == [
        (2, 404, 0, True),
        (1, 200, len(FIRST), False),
    ]
    assert found["fetches"] == [
        {"agent": "GPTBot", "last": "2026-11-01T09:30:00Z", "version": 2, "fetches": 2},
        {"agent": "CCBot", "last": "2026-11-01T08:30:00Z", "version": 0, "fetches": 1},
    ]
    lines = (await house.get("viewer", f"{PATH}.csv")).text.splitlines()
    assert lines[0] == "number,firstSeenAt,lastSeenAt,status,size,inForce,savedAt"
    assert lines[2] == f"1,2026-11-01T08:30:00Z,2026-11-01T08:30:00Z,200,{len(FIRST)},False,"
    page = (await house.get("viewer", PATH)).text
    assert "unknown" in page
    assert "Bytespider" not in page


async def test_a_page_in_its_place_is_told(house: House) -> None:
    await seen(house, (200, b"\n<!DOCTYPE html><title>My app</title><script>alert(1)</script>"))
    page = (await house.get("owner", PATH)).text
    assert "This is a web page, not a robots.txt" in page
    assert "<script>alert" not in page
    assert "Host this version" not in page


async def test_nothing_seen_yet(house: House) -> None:
    page = (await house.get("owner", PATH)).text
    assert "Not seen yet" in page
    assert (await house.get("owner", f"{PATH}.json")).json()["versions"] == []


@pytest.mark.parametrize("version", ["3", "0", "-1", "x", "", "99999999999999999999"])
async def test_a_version_that_is_not_there(house: House, version: str) -> None:
    await seen(house, (200, FIRST))
    assert (await house.get("owner", f"{PATH}?version={version}")).status_code == 404


@pytest.mark.parametrize(
    ("who", "page", "data"),
    [
        ("owner", 200, 200),
        ("manager", 200, 200),
        ("viewer", 200, 200),
        ("stranger", 404, 404),
        ("nobody", 303, 401),
    ],
)
async def test_who_may_look(house: House, who: str, page: int, data: int) -> None:
    for ending, status in (("", page), (".json", data), (".csv", data)):
        assert (await house.get(who, PATH + ending)).status_code == status
