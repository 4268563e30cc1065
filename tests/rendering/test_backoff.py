"""Back-off from origins that ask for a pause: how long it is, what ends it, and that all nodes keep to it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.tables import OriginPause
from crawlight.domains.registry import add_domain
from crawlight.kit.clock import now
from crawlight.rendering.backoff import OriginBackoff, seconds_of
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def domains(database: Database) -> list[int]:
    await create_account(database, DEFAULT_PLANS, "a@example.org", plan="pro")
    return [(await add_domain(database, f"{name}.com", "a@example.org")).id for name in ("a", "b", "c")]


async def slowed(database: Database) -> list[int]:
    async with database.read() as session:
        return sorted(await session.scalars(select(OriginPause.domain_id).where(OriginPause.until > now())))


async def test_a_pause_doubles_as_long_as_the_origin_keeps_asking(
    database: Database, domains: list[int]
) -> None:
    # Whichever node is asked.
    nodes = [OriginBackoff(database), OriginBackoff(database)]
    assert [await nodes[turn % 2].note(domains[0], 503, "") for turn in range(3)] == [15, 30, 60]
    assert await nodes[0].note(domains[1], 429, "") == 15
    assert await nodes[0].note(domains[2], 500, "") == 0
    assert await slowed(database) == domains[:2]


async def test_no_pause_is_longer_than_an_hour(database: Database, domains: list[int]) -> None:
    backoff = OriginBackoff(database)
    assert await backoff.note(domains[0], 429, "86400") == 3_600
    assert max([await backoff.note(domains[1], 503, "") for _ in range(12)]) == 3_600


async def test_an_answer_ends_the_pause_unless_its_render_began_before(
    database: Database, domains: list[int]
) -> None:
    backoff, before = OriginBackoff(database), now()
    await backoff.note(domains[0], 429, "60")
    await backoff.forget(domains[0], before)
    assert await slowed(database) == domains[:1]
    await OriginBackoff(database).forget(domains[0], now())
    assert await slowed(database) == []
    assert await backoff.note(domains[0], 429, "") == 15


async def test_a_database_that_is_away_ends_no_render(domains: list[int], database: Database) -> None:
    backoff = OriginBackoff(database)
    assert await backoff.note(domains[-1] + 1_000, 429, "") == 15  # there is no such domain
    await backoff.forget(domains[-1] + 1_000, now())


@pytest.mark.parametrize(
    ("text", "seconds"), [("120", 120), (" 7 ", 7), ("", 0), ("soon", 0), ("-5", 0), ("1e3", 0)]
)
async def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


async def test_retry_after_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert 85 < seconds_of(format_datetime(later, usegmt=True)) <= 90
    assert seconds_of("Thu, 01 Jan 1998 00:00:00 GMT") == 0
