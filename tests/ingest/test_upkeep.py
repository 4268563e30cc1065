import io
import sys
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from crawlight.crawls.crawl import Record as Crawl
from crawlight.database.tables import Domain, ForgottenDomain, Page
from crawlight.domains import event_ids, forgetting
from crawlight.domains.registry import add_domain, set_retention
from crawlight.errors import UserError
from crawlight.ingest.upkeep import Retention
from crawlight.kit import clock
from tests.conftest import Cli
from tests.ingest.conftest import Place
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

ROLLUPS = ("daily", "daily_agents", "pages_daily", "pages_monthly", "page_keys_monthly", "referrals_daily")
ALL = ("records", "paths", *ROLLUPS, "measured_daily", "measured_hourly", "page_agents")


def days_ago(days: int) -> datetime:
    return datetime.combine(clock.now().date() - timedelta(days=days), time(12), tzinfo=clock.now().tzinfo)


def count(place: Place, table: str, domain: int) -> int:
    return int(place.services.store.command(f"SELECT count() FROM {table} WHERE domain_id = {domain}"))


def test_the_first_days_that_are_kept() -> None:
    assert Retention(90, 25).first_days(date(2026, 3, 31)) == (
        date(2025, 12, 31),
        date(2025, 12, 31),
        date(2024, 2, 1),
    )
    assert Retention(1, 12).first_days(date(2026, 1, 1)) == (
        date(2025, 12, 31),
        date(2025, 10, 3),
        date(2025, 1, 1),
    )


async def test_each_domain_keeps_what_it_is_set_to(place: Place) -> None:
    database, store = place.services.database, place.services.store
    await add_domain(database, "other.example", "me@example.org")
    await set_retention(database, "other.example", 10, 1)
    for domain in (1, 2):
        ages = (0, 9, 11, 89, 91, 400, 3000)
        insert(store, [Record(domain, days_ago(days), path=f"/{days}", bytes=1) for days in ages])
    for _ in range(2):
        await place.services.loading.upkeep()
        assert [count(place, "records", domain) for domain in (1, 2)] == [4, 2]
        kept = store.columns("SELECT domain_id, sum(crawls) FROM daily GROUP BY 1 ORDER BY 1")
        assert kept[1][0] == 6
        assert kept[1][1] in (3, 2)
        (paths,) = store.columns("SELECT path FROM paths WHERE domain_id = 1 ORDER BY path")
        assert "/400" in paths
        assert "/3000" not in paths
        hours = store.columns(
            "SELECT sum(bytes_n) FROM measured_hourly GROUP BY domain_id ORDER BY domain_id"
        )
        assert hours in ([[4, 4]], [[5, 5]])  # the 91st day may be one that the view still took
        days = store.columns("SELECT sum(bytes_n) FROM measured_daily GROUP BY domain_id ORDER BY domain_id")
        assert days[0] == kept[1]
        fetched = store.columns("SELECT count() FROM page_agents GROUP BY domain_id ORDER BY domain_id")
        assert fetched[0] == kept[1]


@pytest.mark.parametrize(("days", "months"), [(0, None), (3661, None), (None, 0), (None, 121)])
async def test_a_time_out_of_bounds_is_refused(place: Place, days: int | None, months: int | None) -> None:
    with pytest.raises(UserError, match="are kept for 1 to"):
        await set_retention(place.services.database, "example.com", days, months)


async def test_a_forgotten_domain_leaves_no_trace_and_others_are_whole(place: Place) -> None:
    services = place.services
    await add_domain(services.database, "other.example", "me@example.org")
    kinds = [{}, {"kind": "referral", "agent": "ChatGPT"}, {"kind": "render"}, {"identity": "spoofed"}]
    for domain in (1, 2):
        insert(services.store, [Record(domain, days_ago(1), bytes=1, **kind) for kind in kinds])
    told = ("crawl", "GPTBot", "openaibot", "ai_training", "unchecked", "hit", 200, "event")
    now = int(clock.now().timestamp())
    await services.recorder.record([Crawl(domain, now, *told, "/new", "", "id") for domain in (1, 2)])
    await services.recorder.hand_over()
    assert await services.loading.forget("www.example.com") == b"example.com"
    await services.loading.load()
    assert {table: count(place, table, 1) for table in ALL} == dict.fromkeys(ALL, 0)
    assert count(place, "records", 2) == 5
    assert all(count(place, table, 2) for table in ALL)
    async with services.database.read() as session:
        assert (await session.scalars(select(Domain.host))).all() == ["other.example"]
        assert await session.scalar(select(func.count()).select_from(Page).where(Page.domain_id == 1)) == 0
    with pytest.raises(UserError, match="there is no domain"):
        await services.loading.forget("example.com")


async def test_what_comes_late_of_a_forgotten_domain_goes_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.services.loading.forget("example.com")
    insert(place.services.store, [Record(1, days_ago(1))])
    await place.services.loading.upkeep()
    assert count(place, "records", 1) == 0
    monkeypatch.setattr(forgetting, "now", lambda: clock.now() + timedelta(days=8))
    await place.services.loading.upkeep()
    async with place.services.database.read() as session:
        assert (await session.scalars(select(ForgottenDomain.host))).all() == []


async def test_ids_are_claimed_by_one_owner_and_expire(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    database, key = place.services.database, event_ids.key_of(1, "x")
    assert await event_ids.claim(database, {key: "a/1"}) == set()
    assert await event_ids.claim(database, {key: "a/1"}) == set()
    assert await event_ids.claim(database, {key: "b/1", event_ids.key_of(1, "y"): "b/2"}) == {key}
    monkeypatch.setattr(event_ids, "now", lambda: clock.now() + timedelta(days=8))
    assert await event_ids.claim(database, {key: "b/1"}) == set()


async def test_many_ids_at_once(place: Place) -> None:
    owners = {event_ids.key_of(1, str(number)): f"a/{number}" for number in range(12_000)}
    assert await event_ids.claim(place.services.database, owners) == set()
    again = dict.fromkeys(owners, "b/1")
    assert await event_ids.claim(place.services.database, again) == set(owners)


def test_forget_asks_first(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("user", "add", "me@example.org")
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    assert cli("domain", "keep", "example.com", "--days", "7") == (
        0,
        "example.com keeps crawls 7 days.\n",
        "",
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO("example.org\n"))
    status, out, err = cli("forget", "example.com")
    assert (status, out.strip()) == (1, "")
    assert err.endswith("nothing was removed\n")
    assert cli("forget", "WWW.example.com", "--yes") == (0, "example.com is forgotten.\n", "")
    status, _, err = cli("forget", "example.com", "--yes")
    assert (status, err.startswith("crawlight: there is no domain example.com")) == (1, True)
