from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Page
from crawlight.domains import comparisons, pages
from crawlight.domains.comparisons import Share
from crawlight.domains.registry import add_domain, remove_domain
from crawlight.ids import DomainId
from crawlight.kit.clock import now

pytestmark = pytest.mark.anyio


async def rendered(database: Database, domain: Domain, *paths: str) -> None:
    await pages.learn(database, domain.id, paths)
    async with database.write() as session:
        await session.execute(update(Page).where(Page.domain_id == domain.id).values(rendered_at=now()))


async def test_a_comparison_takes_the_place_of_the_last_one(database: Database, domain: Domain) -> None:
    await rendered(database, domain, "/a")
    await comparisons.record(database, domain.id, "/a", False, b'{"n": 1}')
    await comparisons.record(database, domain.id, "/a", True, b'{"n": 2}')
    stored = await comparisons.of_page(database, domain.id, "/a")
    assert stored is not None
    assert (stored.whole, stored.found) == (True, '{"n": 2}')
    assert await comparisons.of_page(database, domain.id, "/never") is None


async def test_a_page_that_nobody_knows_has_none(database: Database, domain: Domain) -> None:
    await comparisons.record(database, domain.id, "/unknown", True, b"{}")
    assert await comparisons.of_page(database, domain.id, "/unknown") is None


async def test_shares_are_of_pages_that_are_there(database: Database, domain: Domain) -> None:
    await rendered(database, domain, "/a", "/b", "/c", "/d")
    for path, whole in (("/a", True), ("/b", False), ("/c", None), ("/d", True)):
        await comparisons.record(database, domain.id, path, whole, b"{}")
    assert await comparisons.shares(database) == {domain.id: Share(2, 3)}
    await pages.mark_gone(database, domain.id, "/d")
    assert await comparisons.shares(database, [domain.id]) == {domain.id: Share(1, 2)}
    assert await comparisons.hosts(database, [domain.id]) == {domain.id: "example.com"}
    assert await comparisons.shares(database, [DomainId(domain.id + 1)]) == {}


async def test_each_page_has_its_turn_and_no_domain_more_than_its_sample(
    database: Database, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "SAMPLE", 2)
    other = await add_domain(database, "other.example", "stranger@example.org")
    await rendered(database, domain, "/a", "/b", "/c")
    await pages.learn(database, domain.id, ["/not-rendered"])
    await rendered(database, other, "/x")
    turns = []
    for week in range(2):
        with time_machine.travel(now() + week * timedelta(days=8), tick=False):
            while (due := await comparisons.due(database)) is not None:
                turns.append((week, *due))
                await comparisons.record(database, *due, True, b"{}")
    first = {path for week, number, path in turns if week == 0 and number == domain.id}
    second = {path for week, number, path in turns if week == 1 and number == domain.id}
    assert len(first) == len(second) == 2
    assert first | second == {"/a", "/b", "/c"}
    assert [turn for turn in turns if turn[1] == other.id] == [(0, other.id, "/x"), (1, other.id, "/x")]


async def test_a_removed_domain_takes_its_comparisons_along(database: Database, domain: Domain) -> None:
    await rendered(database, domain, "/a")
    await comparisons.record(database, domain.id, "/a", True, b"{}")
    await remove_domain(database, "example.com")
    assert await comparisons.shares(database) == {}
