"""What is learned of late content: by pattern, from two pages on, for thirty days."""

from datetime import timedelta

import pytest
import time_machine

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains.late_content import (
    CALM,
    LONGEST,
    LateContent,
    drop_old,
    fix,
    forget,
    note,
    of_domain,
    of_path,
    pattern_of,
)
from crawlight.domains.registry import add_domain
from crawlight.errors import UserError
from crawlight.kit.clock import now
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio

TEXT, HEAD = ("text",), ("head",)


@pytest.fixture
async def domain(database: Database) -> Domain:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    return await add_domain(database, "example.com", "me@example.org")


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "/"),
        ("/?page=2", "/"),
        ("/about", "/*"),
        ("/product/7?color=red", "/product/*"),
        ("/product/7/", "/product/*"),
        ("/product/7/reviews", "/product/*/*"),
        ("/de/produkt/7", "/de/produkt/*"),
        ("/pt-BR/produto/7", "/pt-BR/produto/*"),
        ("/de/7", "/de/*"),
        ("/a/b/c/d/e/f/g/h", "/a/*/*/*/*/*"),
    ],
)
def test_the_pattern_of_a_path(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern
    assert pattern_of(pattern) == pattern


async def test_two_late_pages_are_needed(database: Database, domain: Domain) -> None:
    assert (await of_path(database, domain.id, "/product/1")).wait == 0
    await note(database, domain.id, "/product/1", 1200, TEXT)
    once = await of_path(database, domain.id, "/product/2")
    assert (once.wait, once.settled) == (0, False)
    await note(database, domain.id, "/product/2", 1000, HEAD)
    twice = await of_path(database, domain.id, "/product/3")
    assert (twice.milliseconds, twice.what, twice.wait, twice.settled) == (
        1200,
        ("text", "head"),
        1600,
        False,
    )
    assert [one.pattern for one in await of_domain(database, domain.id)] == ["/product/*"]
    # Enough is known when nothing came after the wait for a while.
    for _ in range(CALM):
        await note(database, domain.id, "/product/2", 1500, HEAD)
    assert (await of_path(database, domain.id, "/product/3")).settled
    await note(database, domain.id, "/product/2", 60_000, HEAD)
    assert not (await of_path(database, domain.id, "/product/3")).settled
    assert (await of_path(database, domain.id, "/product/3")).wait == LONGEST


async def test_calm_pages_are_known_for_it(database: Database, domain: Domain) -> None:
    for _ in range(CALM):
        assert not (await of_path(database, domain.id, "/blog/1")).settled
        await note(database, domain.id, "/blog/1", 0, ())
    assert (await of_path(database, domain.id, "/blog/1")).settled
    assert await of_domain(database, domain.id) == []


async def test_what_is_not_needed_is_forgotten(database: Database, domain: Domain) -> None:
    for path in ("/product/1", "/product/2"):
        await note(database, domain.id, path, 1200, TEXT)
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert (await of_path(database, domain.id, "/product/1")).wait == 0
        # It counts anew then.
        await note(database, domain.id, "/product/1", 700, HEAD)
        again = await of_path(database, domain.id, "/product/1")
        assert (again.pages, again.milliseconds, again.what) == (1, 700, HEAD)
    with time_machine.travel(now() + timedelta(days=90), tick=False):
        await drop_old(database)
        assert await of_path(database, domain.id, "/product/1") == LateContent("/product/*")


async def test_people_fix_a_wait_and_take_it_back(database: Database, domain: Domain) -> None:
    await fix(database, domain.id, "/product/*", 2500)
    await note(database, domain.id, "/product/1", 4000, TEXT)
    fixed = await of_path(database, domain.id, "/product/1")
    assert (fixed.wait, fixed.fixed, fixed.settled) == (2500, True, True)
    with time_machine.travel(now() + timedelta(days=90), tick=False):
        await drop_old(database)
        assert (await of_path(database, domain.id, "/product/1")).wait == 2500
    await forget(database, domain.id, "/product/*")
    assert await of_domain(database, domain.id) == []


@pytest.mark.parametrize(
    ("pattern", "milliseconds", "reason"),
    [
        ("/product/*", -1, "0 to 10000 ms"),
        ("/product/*", 10_001, "0 to 10000 ms"),
        ("/product/7", 1, "no such pattern"),
    ],
)
async def test_a_wrong_wait_changes_nothing(
    database: Database, domain: Domain, pattern: str, milliseconds: int, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        await fix(database, domain.id, pattern, milliseconds)
    assert await of_domain(database, domain.id) == []
