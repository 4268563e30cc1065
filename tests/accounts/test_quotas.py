import asyncio
from datetime import UTC, datetime

import pytest
import time_machine

from crawlight.accounts import quotas
from crawlight.database.engine import Database
from crawlight.database.tables import Account

pytestmark = pytest.mark.anyio


async def test_calls_in_parallel_at_the_edge_are_counted_exactly(
    database: Database, account: Account
) -> None:
    for _ in range(20):
        await quotas.reserve(database, account.id, 30)
    results = await asyncio.gather(*(quotas.reserve(database, account.id, 30) for _ in range(50)))
    assert sum(result is not None for result in results) == 10
    assert await quotas.usage(database, account.id) == 30


async def test_the_first_calls_of_a_month_in_parallel_are_counted_exactly(
    database: Database, account: Account
) -> None:
    results = await asyncio.gather(*(quotas.reserve(database, account.id, 7) for _ in range(50)))
    assert sum(result is not None for result in results) == 7
    assert await quotas.usage(database, account.id) == 7


async def test_usage_survives_a_restart(database: Database, database_url: str, account: Account) -> None:
    assert await quotas.reserve(database, account.id, 2)
    await database.close()
    again = await Database.open(database_url)
    assert await quotas.usage(again, account.id) == 1
    assert await quotas.reserve(again, account.id, 2)
    assert await quotas.reserve(again, account.id, 2) is None
    await again.close()


async def test_what_is_given_back_can_be_used_again(database: Database, account: Account) -> None:
    reservation = await quotas.reserve(database, account.id, 1)
    assert reservation is not None
    assert await quotas.reserve(database, account.id, 1) is None
    await quotas.give_back(database, reservation)
    assert await quotas.usage(database, account.id) == 0
    assert await quotas.reserve(database, account.id, 1)


async def test_nothing_is_allowed_by_a_quota_of_nothing(database: Database, account: Account) -> None:
    assert await quotas.reserve(database, account.id, 0) is None
    assert await quotas.usage(database, account.id) == 0


async def test_a_lowered_quota_holds_at_once(database: Database, account: Account) -> None:
    for _ in range(5):
        await quotas.reserve(database, account.id, 5)
    assert await quotas.reserve(database, account.id, 3) is None
    assert await quotas.usage(database, account.id) == 5


async def test_the_month_turns_at_midnight_utc(database: Database, account: Account) -> None:
    with time_machine.travel(datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC), tick=False) as clock:
        last = await quotas.reserve(database, account.id, 1)
        assert last is not None
        assert last.month == "2026-12"
        assert await quotas.reserve(database, account.id, 1) is None
        assert quotas.seconds_to_next_month() == 1
        clock.move_to(datetime(2027, 1, 1, tzinfo=UTC))
        assert await quotas.usage(database, account.id) == 0
        assert await quotas.reserve(database, account.id, 1)
        # A call of December that fails in January gives December its call back.
        await quotas.give_back(database, last)
        assert await quotas.usage(database, account.id) == 1


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), 31 * 86_400),
        (datetime(2028, 2, 1, tzinfo=UTC), 29 * 86_400),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), 43_200),
        (datetime(2026, 12, 31, 23, 59, 58, 500_000, UTC), 2),
    ],
)
def test_seconds_to_the_next_month(moment: datetime, seconds: int) -> None:
    with time_machine.travel(moment, tick=False):
        assert quotas.seconds_to_next_month() == seconds
