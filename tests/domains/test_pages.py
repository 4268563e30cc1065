import asyncio
import random
from collections import Counter
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import delete, select

from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Page
from crawlight.domains import pages, wanted
from crawlight.domains.registry import add_domain
from crawlight.ids import DomainId

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 6, 29, 12, tzinfo=UTC)
COLUMNS = ("good", "needs_work", "poor", "unknown", "total_issues")


async def counts(database: Database, domain: Domain) -> dict[str, int]:
    """The counts of a domain that are not zero."""
    rows = await pages.seo_counts(database, [domain.id])
    return {name: getattr(row, name) for row in rows.values() for name in COLUMNS if getattr(row, name)}


async def stored(database: Database, domain: Domain) -> list[Page]:
    async with database.read() as session:
        rows = await session.scalars(select(Page).where(Page.domain_id == domain.id).order_by(Page.path))
        return list(rows)


async def test_pages_are_learned_once(database: Database, domain: Domain) -> None:
    assert await pages.learn(database, domain.id, ["/", "/a", "/a?b=1", "/"]) == 3
    assert await pages.learn(database, domain.id, ["/a", "/c"]) == 1
    assert await pages.learn(database, domain.id, []) == 0
    assert [page.path for page in await stored(database, domain)] == ["/", "/a", "/a?b=1", "/c"]
    assert await counts(database, domain) == {"unknown": 4}


async def test_many_pages_and_long_paths_are_learned(database: Database, domain: Domain) -> None:
    paths = [f"/{'x' * (8_180 if n % 100 == 0 else 20)}/{n}" for n in range(12_000)]
    assert await pages.learn(database, domain.id, paths) == 12_000
    assert await pages.learn(database, domain.id, paths) == 0
    assert await counts(database, domain) == {"unknown": 12_000}


async def test_learners_at_once_count_each_page_once(database: Database, domain: Domain) -> None:
    paths = [f"/{n}" for n in range(500)]
    learners = (pages.learn(database, domain.id, random.Random(n).sample(paths, 400)) for n in range(8))
    new = sum(await asyncio.gather(*learners))
    assert new == len(await stored(database, domain))
    assert await counts(database, domain) == {"unknown": new}


async def test_the_first_sight_of_a_page_is_kept(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False):
        await pages.learn(database, domain.id, ["/a"])
    await pages.learn(database, domain.id, ["/a"])
    (page,) = await stored(database, domain)
    assert page.first_seen_at == NOON


async def test_a_page_never_seen_can_be_wanted_but_is_not_known(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False):
        await wanted.want(database, domain.id, ["/new"], "purge")
    (page,) = await stored(database, domain)
    assert (page.path, page.wanted_at, page.wanted_reason) == ("/new", NOON, "purge")
    assert await counts(database, domain) == {}
    assert await pages.learn(database, domain.id, ["/new"]) == 1
    (page,) = await stored(database, domain)
    assert page.wanted_at == NOON
    assert await counts(database, domain) == {"unknown": 1}


async def test_wanting_twice_is_one_wish_with_the_later_time(database: Database, domain: Domain) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await wanted.want(database, domain.id, ["/a"], "warm")
        clock.shift(5)
        await asyncio.gather(*(wanted.want(database, domain.id, ["/a"], "purge") for _ in range(5)))
    (page,) = await stored(database, domain)
    assert (page.wanted_at, page.wanted_reason) == (NOON.replace(second=5), "purge")


async def test_scores_are_found_for_all_domains_together(database: Database, domain: Domain) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    await pages.learn(database, domain.id, ["/a", "/b", "/c"])
    await pages.record_audit(database, domain.id, "/a", 92, 1)
    await pages.record_audit(database, other.id, "/a", 40, 7)
    scores = await pages.scores_for(database, {domain.id: ["/a", "/b", "/never"], other.id: ["/a", "/b"]})
    assert scores == {(domain.id, "/a"): (92, 1), (domain.id, "/b"): (None, 0), (other.id, "/a"): (40, 7)}
    assert await pages.scores_for(database, {}) == {}
    assert await pages.scores_for(database, {domain.id: []}) == {}


async def test_scores_of_many_pages_are_found(database: Database, domain: Domain) -> None:
    paths = [f"/{n}" for n in range(10_001)]
    await pages.learn(database, domain.id, paths)
    assert len(await pages.scores_for(database, {domain.id: paths})) == 10_001


async def test_pages_are_counted_by_bucket(database: Database, domain: Domain) -> None:
    scores = {"/100": 100, "/90": 90, "/89": 89, "/50": 50, "/49": 49, "/0": 0}
    await pages.learn(database, domain.id, ["/", *scores])
    for path, score in scores.items():
        await pages.record_audit(database, domain.id, path, score, 2)
    buckets = {"good": 2, "needs_work": 2, "poor": 2, "unknown": 1}
    assert await counts(database, domain) == {**buckets, "total_issues": 12}


async def test_a_page_that_is_gone_counts_no_more_until_it_is_back(
    database: Database, domain: Domain
) -> None:
    await pages.record_audit(database, domain.id, "/a", 95, 3)
    await pages.mark_gone(database, domain.id, "/a")
    await pages.mark_gone(database, domain.id, "/a")
    assert await counts(database, domain) == {}
    assert await pages.learn(database, domain.id, ["/a"]) == 0
    assert await counts(database, domain) == {}
    await pages.record_audit(database, domain.id, "/a", 60, 4)
    assert await counts(database, domain) == {"needs_work": 1, "total_issues": 4}


async def test_counts_agree_with_the_pages_after_any_changes(database: Database, domain: Domain) -> None:
    chance = random.Random(7)
    paths = [f"/{n}" for n in range(6)]
    for _ in range(150):
        path = chance.choice(paths)
        match chance.randrange(4):
            case 0:
                await pages.learn(database, domain.id, chance.sample(paths, 2))
            case 1:
                await pages.record_audit(
                    database, domain.id, path, chance.randrange(101), chance.randrange(9)
                )
            case 2:
                await pages.mark_gone(database, domain.id, path)
            case _:
                await wanted.want(database, domain.id, [path], "purge")
    known = [page for page in await stored(database, domain) if page.first_seen_at and not page.gone_at]
    buckets = Counter(naive_bucket(page.seo_score) for page in known)
    buckets["total_issues"] = sum(page.seo_issues_count for page in known)
    assert await counts(database, domain) == {name: count for name, count in buckets.items() if count}


def naive_bucket(score: int | None) -> str:
    if score is None:
        return "unknown"
    return "good" if score in range(90, 101) else "needs_work" if score in range(50, 90) else "poor"


async def test_domains_do_not_share_pages_or_counts(database: Database, domain: Domain) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    await pages.learn(database, domain.id, ["/a"])
    await pages.learn(database, other.id, ["/a", "/b"])
    both = await pages.seo_counts(database, [domain.id, other.id, DomainId(99)])
    assert {domain_id: row.unknown for domain_id, row in both.items()} == {domain.id: 1, other.id: 2}


async def test_the_pages_of_a_deleted_domain_go_with_it(database: Database, domain: Domain) -> None:
    await pages.learn(database, domain.id, ["/a"])
    async with database.write() as session:
        await session.execute(delete(Domain).where(Domain.id == domain.id))
    assert await stored(database, domain) == []
    assert await pages.seo_counts(database, [domain.id]) == {}
