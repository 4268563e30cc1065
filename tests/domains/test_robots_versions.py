import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import robots_versions
from crawlight.domains.registry import add_domain, remove_domain
from crawlight.ids import DomainId

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 1, tzinfo=UTC)
OPEN, CLOSED = b"User-agent: *\nAllow: /\n", b"User-agent: *\nDisallow: /\n"


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


async def seen(database: Database, domain: Domain, *looks: tuple[float, int, bytes]) -> list[int]:
    return [
        await robots_versions.keep(database, domain.id, status, content, hour(at))
        for at, status, content in looks
    ]


async def numbers(database: Database, domain: Domain, *hours: float) -> list[int]:
    found = (await robots_versions.in_force(database, [domain.id]))[domain.id]
    return [found.at(hour(one).timestamp()) for one in hours]


async def test_each_version_is_kept_once_with_its_times(database: Database, domain: Domain) -> None:
    looks = (0, 200, OPEN), (1, 200, OPEN), (2, 200, CLOSED), (3, 200, CLOSED), (4, 200, OPEN)
    assert await seen(database, domain, *looks) == [1, 1, 2, 2, 1]
    found = await robots_versions.versions(database, domain.id)
    assert [(one.number, one.first_seen_at, one.last_seen_at, one.in_force) for one in found] == [
        (1, hour(0), hour(4), True),
        (2, hour(2), hour(3), False),
    ]
    assert [(one.status, one.size) for one in found] == [(200, len(OPEN)), (200, len(CLOSED))]
    assert await robots_versions.content(database, domain.id, 2) == CLOSED
    assert await robots_versions.content(database, domain.id, 3) is None
    assert await robots_versions.seen_since(database, [domain.id, DomainId(7)], hour(4)) == {domain.id}
    assert await robots_versions.seen_since(database, [domain.id], hour(4.1)) == set()


async def test_a_version_is_in_force_until_another_is_seen(database: Database, domain: Domain) -> None:
    await seen(database, domain, (0, 200, OPEN), (2, 200, CLOSED), (4, 200, OPEN))
    assert await numbers(database, domain, -1, 0, 1.9, 2, 3.9, 4, 900) == [0, 1, 1, 2, 2, 1, 1]
    assert await robots_versions.before(database, domain.id, 1) == 2
    assert await robots_versions.before(database, domain.id, 2) == 1


async def test_only_what_is_asked_for_is_read(database: Database, domain: Domain) -> None:
    await seen(database, domain, (0, 200, OPEN), (2, 200, CLOSED), (4, 200, b"third"))
    for oldest, known in ((-5, 3), (0, 3), (2, 2), (3.9, 2), (4, 1), (9, 1)):
        found = await robots_versions.in_force(database, [domain.id], hour(oldest).timestamp())
        assert len(found[domain.id].numbers) == known
        assert found[domain.id].at(hour(9).timestamp()) == 3
    assert await robots_versions.in_force(database, [DomainId(domain.id + 1)]) == {}


async def test_the_first_version_has_none_before_it(database: Database, domain: Domain) -> None:
    await seen(database, domain, (0, 200, OPEN))
    assert await robots_versions.before(database, domain.id, 1) is None
    assert await robots_versions.before(database, domain.id, 2) is None


async def test_errors_are_versions_by_their_status_alone(database: Database, domain: Domain) -> None:
    looks = (0, 404, b"nonce 1"), (1, 404, b"nonce 2"), (2, 503, b""), (3, 200, b""), (4, 404, b"")
    assert await seen(database, domain, *looks) == [1, 1, 2, 3, 1]
    assert await robots_versions.content(database, domain.id, 1) == b""
    sizes = {(one.status, one.size) for one in await robots_versions.versions(database, domain.id)}
    assert sizes == {(404, 0), (503, 0), (200, 0)}


async def test_a_look_that_is_noted_late_changes_no_period(database: Database, domain: Domain) -> None:
    await seen(database, domain, (1, 200, OPEN), (3, 200, CLOSED), (2, 200, b"late"), (2.5, 200, OPEN))
    assert await numbers(database, domain, 1, 2, 2.5, 3) == [1, 1, 1, 2]


async def test_any_bytes_are_kept_as_they_are(database: Database, domain: Domain) -> None:
    content = bytes(range(256)) * 2_000
    assert await seen(database, domain, (0, 200, content)) == [1]
    assert await robots_versions.content(database, domain.id, 1) == content


async def test_domains_count_for_themselves(database: Database, domain: Domain) -> None:
    other = await add_domain(database, "other.example", "stranger@example.org")
    assert await seen(database, domain, (0, 200, OPEN), (1, 200, CLOSED)) == [1, 2]
    assert await seen(database, other, (0, 200, CLOSED)) == [1]
    found = await robots_versions.in_force(database, [domain.id, other.id])
    assert [found[one.id].at(hour(5).timestamp()) for one in (domain, other)] == [2, 1]
    await remove_domain(database, "example.com")
    assert await seen(database, domain, (2, 200, OPEN)) == [0]
    assert await robots_versions.versions(database, domain.id) == []
    assert len(await robots_versions.versions(database, other.id)) == 1


async def test_many_that_look_at_once_see_one_version(database: Database, domain: Domain) -> None:
    looks = (robots_versions.keep(database, domain.id, 200, one) for one in [OPEN, CLOSED, b"third"] * 4)
    given = await asyncio.gather(*looks)
    assert set(given) == {1, 2, 3}
    assert given[:3] * 4 == given


async def test_a_file_that_always_differs_is_bounded(
    database: Database, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots_versions, "MOST_VERSIONS", 3)
    monkeypatch.setattr(robots_versions, "MOST_PERIODS", 4)
    looks = [(float(number), 200, b"# made at %d" % number) for number in range(6)]
    assert await seen(database, domain, *looks) == [1, 2, 3, 4, 5, 6]
    assert [one.number for one in await robots_versions.versions(database, domain.id)] == [6, 5, 4]
    assert await numbers(database, domain, 2, 3, 5) == [0, 4, 6]
    back_and_forth = [(10.0 + number, 200, b"# made at %d" % (4 + number % 2)) for number in range(6)]
    assert await seen(database, domain, *back_and_forth) == [5, 6] * 3
    assert await numbers(database, domain, 11, 12, 13, 14, 15) == [0, 5, 6, 5, 6]
