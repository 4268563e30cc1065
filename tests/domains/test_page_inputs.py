"""Which pages are asked for what they were made of, and what becomes of them."""

import pytest

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import page_inputs, wanted
from crawlight.domains.page_inputs import Claim, Noted
from crawlight.domains.wanted import Want, want
from crawlight.kit.clock import now

pytestmark = pytest.mark.anyio


async def noted(database: Database, domain: Domain, *paths: str, askable: bool = True) -> None:
    for path in paths:
        found = Noted(inputs=b"", content_hash=bytes(32), rendered_at=now(), askable=askable, interval=1000)
        await page_inputs.note(database, domain.id, path, found)


async def rendered_next(database: Database) -> list[str]:
    return [one.path for one in await wanted.claim(database, 10)]


async def settle(database: Database, claims: list[Claim], *, same: bool) -> None:
    async with database.write() as session:
        if same:
            await page_inputs.unchanged(session, claims, [1200] * len(claims))
        for one in () if same else claims:
            await page_inputs.changed(session, one)


@pytest.mark.parametrize("reason", ["stale", "refresh"])
async def test_a_due_page_is_asked_and_not_rendered(database: Database, domain: Domain, reason: Want) -> None:
    await want(database, domain.id, ["/a", "/b"], reason)
    await noted(database, domain, "/a")
    await noted(database, domain, "/b", askable=False)
    assert await rendered_next(database) == ["/b"]
    (claimed,) = await page_inputs.claim(database, 10)
    assert (claimed.path, await page_inputs.claim(database, 10)) == ("/a", [])
    await settle(database, [claimed], same=True)
    assert not (await wanted.states(database, [(domain.id, "/a")]))[domain.id, "/a"].pending
    found = await page_inputs.read(database, domain.id, "/a")
    assert found is not None
    assert (found.askable, found.interval, found.asked_at is not None) == (True, 1200, True)


async def test_a_changed_page_is_rendered(database: Database, domain: Domain) -> None:
    await want(database, domain.id, ["/a"], "stale")
    await noted(database, domain, "/a")
    await settle(database, await page_inputs.claim(database, 10), same=False)
    assert await page_inputs.claim(database, 10) == []
    assert await rendered_next(database) == ["/a"]
    found = await page_inputs.read(database, domain.id, "/a")
    assert found is not None
    assert (found.askable, found.interval) == (False, 500)


@pytest.mark.parametrize("reason", ["miss", "purge", "warm"])
async def test_what_is_wanted_for_other_reasons_is_rendered(
    database: Database, domain: Domain, reason: Want
) -> None:
    await want(database, domain.id, ["/a"], reason)
    await noted(database, domain, "/a")
    assert await page_inputs.claim(database, 10) == []
    assert await rendered_next(database) == ["/a"]


async def test_a_page_that_is_purged_while_it_is_asked_is_rendered(
    database: Database, domain: Domain
) -> None:
    await want(database, domain.id, ["/a"], "stale")
    await noted(database, domain, "/a")
    claims = await page_inputs.claim(database, 10)
    await want(database, domain.id, ["/a"], "purge")
    await settle(database, claims, same=True)
    assert await rendered_next(database) == ["/a"]


async def test_what_is_given_back_is_asked_by_the_next(database: Database, domain: Domain) -> None:
    await want(database, domain.id, ["/a"], "stale")
    await noted(database, domain, "/a")
    claims = await page_inputs.claim(database, 10)
    await page_inputs.give_back(database, claims)
    assert [one.path for one in await page_inputs.claim(database, 10)] == ["/a"]
