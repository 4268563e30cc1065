import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from redis.asyncio import Redis

from crawlight.accounts.rate import Minute, RateLimiter

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 6, 29, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[RateLimiter]:
    url = "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")
    limiter = RateLimiter(url, uuid.uuid4().hex)
    yield limiter
    await limiter.close()


async def test_calls_over_the_limit_are_refused(limiter: RateLimiter) -> None:
    answers = [await limiter.hit(1, 3) for _ in range(5)]
    assert [answer.allowed for answer in answers] == [True, True, True, False, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert {answer.limit for answer in answers} == {3}
    assert all(59 <= answer.reset_seconds <= 60 for answer in answers)


async def test_calls_in_parallel_are_counted_exactly(limiter: RateLimiter) -> None:
    answers = await asyncio.gather(*(limiter.hit(1, 60) for _ in range(100)))
    assert sum(answer.allowed for answer in answers) == 60


async def test_each_account_has_its_own_minute(limiter: RateLimiter) -> None:
    assert (await limiter.hit(1, 1)).allowed
    assert (await limiter.hit(2, 1)).allowed
    assert not (await limiter.hit(1, 1)).allowed


async def test_the_minute_is_sixty_seconds_from_the_first_call() -> None:
    limiter = RateLimiter("memory://")
    with time_machine.travel(NOON, tick=False) as clock:
        assert await limiter.hit(1, 2) == Minute(True, 2, 1, 60)
        clock.move_to(NOON + timedelta(seconds=59.5))
        assert await limiter.hit(1, 2) == Minute(True, 2, 0, 1)
        assert await limiter.hit(1, 2) == Minute(False, 2, 0, 1)
        clock.move_to(NOON + timedelta(seconds=60))
        assert await limiter.hit(1, 2) == Minute(True, 2, 1, 60)
        clock.move_to(NOON + timedelta(seconds=119))
        assert await limiter.hit(1, 2) == Minute(True, 2, 0, 1)


async def test_later_calls_do_not_move_the_end_of_the_minute_in_redis(redis_url: str) -> None:
    limiter, client = RateLimiter(redis_url, "minute"), Redis.from_url(redis_url)
    await limiter.hit(1, 60)
    (key,) = [key async for key in client.scan_iter("*crawlight/minute/1*")]
    assert 59_000 < await client.pttl(key) <= 60_000
    await client.pexpire(key, 30_000)
    assert (await limiter.hit(1, 60)).reset_seconds == 30
    assert 29_000 < await client.pttl(key) <= 30_000
    await client.pexpire(key, 1)
    await asyncio.sleep(0.05)
    assert await limiter.hit(1, 60) == Minute(True, 60, 59, 60)
    await client.aclose()
    await limiter.close()


async def test_two_processes_share_a_minute_in_redis(redis_url: str) -> None:
    one, other = RateLimiter(redis_url, "shared"), RateLimiter(redis_url, "shared")
    assert (await one.hit(1, 1)).allowed
    assert not (await other.hit(1, 1)).allowed
    await one.close()
    await other.close()


async def test_without_its_store_every_call_is_allowed_and_counted() -> None:
    limiter = RateLimiter("redis://127.0.0.1:1")
    answers = await asyncio.wait_for(asyncio.gather(*(limiter.hit(1, 1) for _ in range(3))), 5)
    assert answers == [Minute(True, 1, 1, 60)] * 3
    assert limiter.failures == 3
    await limiter.close()


async def test_a_store_that_hangs_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # Takes connections, and never reads from them.
        limiter = RateLimiter(f"redis://127.0.0.1:{server.getsockname()[1]}")
        assert (await asyncio.wait_for(limiter.hit(1, 1), 2.5)).allowed
        assert limiter.failures == 1
        await limiter.close()
