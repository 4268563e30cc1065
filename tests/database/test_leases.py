"""Who does what one of several nodes does for all, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest
import time_machine

from crawlight.database import leases
from crawlight.database.engine import Database

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


async def test_one_of_many_has_it_and_it_is_due_again_after_its_time(database: Database) -> None:
    nodes = [leases.new_holder() for _ in range(5)]
    with time_machine.travel(NOON, tick=False) as clock:
        first = await asyncio.gather(*(leases.seconds_until_due(database, "work", 60) for _ in nodes))
        assert first == [60] * 5
        assert not await leases.claim(database, "work", nodes[0], 30)
        clock.shift(60)
        got = await asyncio.gather(*(leases.claim(database, "work", node, 30) for node in nodes))
        assert sorted(got) == [False] * 4 + [True]
        assert await leases.seconds_until_due(database, "work", 60) == 30
        await leases.give_back(database, "work", nodes[got.index(True)], 60)
        assert await leases.seconds_until_due(database, "work", 60) == 60


async def test_a_lease_that_is_not_renewed_ends_and_its_holder_is_told(database: Database) -> None:
    dead, alive = leases.new_holder(), leases.new_holder()
    with time_machine.travel(NOON, tick=False) as clock:
        await leases.seconds_until_due(database, "work", 0)
        assert await leases.claim(database, "work", dead, 30)
        clock.shift(20)
        assert await leases.renew(database, "work", dead, 30)
        clock.shift(29)
        assert not await leases.claim(database, "work", alive, 30)
        clock.shift(1)
        assert await leases.claim(database, "work", alive, 30)
        assert not await leases.renew(database, "work", dead, 30)
        await leases.give_back(database, "work", dead, 0)
        assert await leases.seconds_until_due(database, "work", 60) == 30
