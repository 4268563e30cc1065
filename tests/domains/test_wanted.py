import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import pages, refreshes, wanted
from crawlight.domains.registry import add_domain
from crawlight.domains.wanted import Want, claim, want
from crawlight.kit.clock import now
from crawlight.rendering.backoff import OriginBackoff

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


async def claimed(database: Database, count: int = 10) -> list[tuple[str, str]]:
    return [(one.path, one.reason) for one in await claim(database, count)]


async def test_the_most_urgent_comes_first(database: Database, domain: Domain) -> None:
    reasons: tuple[Want, ...] = ("warm", "refresh", "stale", "purge", "miss")
    for reason in reasons:
        await want(database, domain.id, [f"/{reason}"], reason)
    assert [reason for _, reason in await claimed(database)] == ["miss", "purge", "stale", "refresh", "warm"]
    assert not await wanted.claimable(database)


async def test_of_stale_pages_the_one_asked_for_most_comes_first(database: Database, domain: Domain) -> None:
    for path in ("/a", "/b", "/b", "/b", "/c", "/c"):
        await want(database, domain.id, [path], "stale")
    assert [path for path, _ in await claimed(database)] == ["/b", "/c", "/a"]


async def test_the_stronger_reason_holds(database: Database, domain: Domain) -> None:
    await want(database, domain.id, ["/a"], "warm")
    await want(database, domain.id, ["/a"], "miss")
    await want(database, domain.id, ["/a"], "stale")
    assert await claimed(database) == [("/a", "miss")]


async def test_two_workers_never_get_the_same_page(database: Database, domain: Domain) -> None:
    await want(database, domain.id, [f"/{n}" for n in range(30)], "warm")
    taken = await asyncio.gather(*(claimed(database, 3) for _ in range(12)))
    paths = [path for some in taken for path, _ in some]
    assert len(paths) == len(set(paths))
    rest = [path for path, _ in await claimed(database, 30)]
    assert sorted(paths + rest) == sorted(f"/{n}" for n in range(30))


async def test_what_is_done_is_wanted_no_more(database: Database, domain: Domain) -> None:
    await want(database, domain.id, ["/a"], "purge")
    (mine,) = await claim(database, 1)
    assert (await wanted.states(database, [(domain.id, "/a")]))[domain.id, "/a"].pending
    await wanted.done(database, mine)
    assert await wanted.states(database, [(domain.id, "/a")]) == {(domain.id, "/a"): wanted.State(False)}
    assert await claimed(database) == []


async def test_a_purge_during_a_render_is_one_more(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await want(database, domain.id, ["/a"], "purge")
        (mine,) = await claim(database, 1)
        clock.shift(1)
        await want(database, domain.id, ["/a"], "purge")
        assert await claimed(database) == []
        await wanted.done(database, mine)
        assert await claimed(database) == [("/a", "purge")]


async def test_a_worker_that_died_keeps_nothing_back(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await want(database, domain.id, ["/a"], "purge")
        (dead,) = await claim(database, 1)
        clock.shift(wanted.LEASE + timedelta(seconds=1))
        (alive,) = await claim(database, 1)
        await wanted.done(database, dead)  # It was only slow: the page is another's now.
        assert (await wanted.states(database, [(domain.id, "/a")]))[domain.id, "/a"].pending
        await wanted.done(database, alive)
        assert await claimed(database) == []


async def test_failures_pause_longer_and_longer_and_end(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await want(database, domain.id, ["/a"], "purge")
        for attempt in range(wanted.MOST_ATTEMPTS):
            (mine,) = await claim(database, 1)
            await wanted.failed(database, mine, "timeout")
            assert await claimed(database) == []
            assert (await wanted.states(database, [(domain.id, "/a")]))[domain.id, "/a"] == wanted.State(
                False, "timeout"
            )
            clock.shift(timedelta(seconds=20 * 2**attempt + 1))
        assert await claimed(database) == []
        await want(database, domain.id, ["/a"], "purge")
        assert await claimed(database) == [("/a", "purge")]


async def test_a_crawler_that_waited_in_vain_causes_no_further_attempt(
    database: Database, domain: Domain
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await want(database, domain.id, ["/a"], "miss")
        (mine,) = await claim(database, 1)
        await wanted.failed(database, mine, "crash", 120)
        clock.shift(3600)
        assert await claimed(database) == []


async def test_busy_domains_wait_and_slowed_ones_serve_crawlers_only(
    database: Database, domain: Domain
) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    await want(database, domain.id, ["/a"], "warm")
    await want(database, domain.id, ["/b"], "miss")
    await want(database, other.id, ["/c"], "warm")
    with time_machine.travel(NOON, tick=False) as clock:
        assert await OriginBackoff(database).note(domain.id, 503, "") == 15
        both = await claim(database, 10, busy=[other.id])
        assert [one.path for one in both] == ["/b"]
        clock.shift(16)
        assert [one.path for one in await claim(database, 10, busy=[other.id])] == ["/a"]


async def test_no_more_pages_of_an_origin_are_in_hand_wherever_they_are_claimed(
    database: Database, domain: Domain
) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    await want(database, domain.id, [f"/{number}" for number in range(6)], "purge")
    await want(database, other.id, ["/other"], "warm")
    node = Database(database._engine)  # as another process has one
    claims = await asyncio.gather(
        *(claim(one, 1, per_origin=2) for one in (database, node) for _ in range(4))
    )
    taken = [claimed for some in claims for claimed in some]
    assert sorted(one.domain_id for one in taken) == [domain.id, domain.id, other.id]
    assert not await wanted.claimable(node, per_origin=2)
    await wanted.done(database, next(one for one in taken if one.domain_id == domain.id))
    assert len(await claim(node, 1, per_origin=2)) == 1
    with time_machine.travel(now() + wanted.LEASE + timedelta(seconds=1)):  # those who had them are dead
        assert len(await claim(node, 1, per_origin=2)) == 1


async def test_a_refresh_of_all_pages_can_be_paused_and_resumed(database: Database, domain: Domain) -> None:
    assert await refreshes.progress(database, domain.id) is None
    await pages.learn(database, domain.id, ["/a", "/b", "/c"])
    await want(database, domain.id, ["/b"], "purge")
    assert await refreshes.begin(database, domain.id) == 2
    await refreshes.pause(database, domain.id)
    assert await claimed(database) == [("/b", "purge")]
    await refreshes.pause(database, domain.id, False)
    (mine,) = await claim(database, 1)
    await wanted.done(database, mine)
    state = await refreshes.progress(database, domain.id)
    assert state is not None
    assert (state.total, state.left, state.paused) == (2, 1, False)
    await refreshes.cancel(database, domain.id)
    assert await claimed(database) == []
