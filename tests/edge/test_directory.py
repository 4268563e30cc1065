"""What an edge holds in memory after each change is what it would read at a start, and only that is read anew."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import delete, update

from crawlight.accounts.keys import create_key, revoke_key
from crawlight.accounts.people import create_account, find_account, remove_account
from crawlight.database import generation
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, Generation, Membership
from crawlight.domains import claims
from crawlight.domains.registry import (
    add_domain,
    find_domain,
    remove_domain,
    share_domain,
    unshare_domain,
    verify_domain,
)
from crawlight.domains.settings import change_settings
from crawlight.edge.directory import Directory
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio

PEOPLE = ("a@example.org", "b@example.org", "c@example.org")
HOSTS = ("one.com", "two.com", "three.com")


@dataclass
class Town:
    """A database with people and domains, and every key that there ever was."""

    database: Database
    keys: list[str] = field(default_factory=list)

    async def key(self, email: str) -> str:
        account = await find_account(self.database, email)
        self.keys.append(await create_key(self.database, DEFAULT_PLANS, account.id, "k"))
        return self.keys[-1]

    async def execute(self, statement: object) -> None:
        async with self.database.write() as session:
            await session.execute(statement)  # type: ignore[call-overload]

    def held(self, directory: Directory) -> list[object]:
        """All that a directory answers."""
        clients = [directory.client(b"", key.encode()) for key in self.keys]
        return [
            [c and (c.key_id, c.account_id, {h: vars_of(s) for h, s in c.sites.items()}) for c in clients],
            [vars_of(directory.site(host)) for host in HOSTS],
        ]

    async def fresh(self) -> list[object]:
        directory = Directory(self.database)
        await directory.look()
        return self.held(directory)


def vars_of(site: object) -> tuple[object, ...]:
    return tuple(getattr(site, name, None) for name in ("id", "host", "account_id", "page_host", "settings"))


@pytest.fixture
async def town(database: Database) -> Town:
    made = Town(database)
    for email in PEOPLE:
        await create_account(database, DEFAULT_PLANS, email, plan="agency")
        await made.key(email)
    for host in HOSTS[:2]:
        await add_domain(database, host, PEOPLE[0])
    return made


async def claim_three(town: Town) -> None:
    await claims.claim(town.database, (await find_account(town.database, PEOPLE[1])).id, "three.com")


async def new_settings(town: Town) -> None:
    await change_settings(town.database, (await find_domain(town.database, "one.com")).id, language="de")


async def rename(town: Town) -> None:
    await town.execute(update(Domain).where(Domain.host == "one.com").values(origin="https://www.one.com"))


CHANGES: tuple[tuple[str, Callable[[Town], Awaitable[object]]], ...] = (
    ("a manager", lambda t: share_domain(t.database, "one.com", PEOPLE[1], "manager")),
    ("a viewer", lambda t: share_domain(t.database, "one.com", PEOPLE[2], "viewer")),
    ("a viewer becomes a manager", lambda t: share_domain(t.database, "one.com", PEOPLE[2], "manager")),
    ("settings", new_settings),
    ("an origin", rename),
    ("another key", lambda t: t.key(PEOPLE[0])),
    ("a revoked key", lambda t: revoke_key(t.database, t.keys[0])),
    ("somebody leaves", lambda t: unshare_domain(t.database, "one.com", PEOPLE[2])),
    ("a claim", claim_three),
    ("the same domain of somebody else", lambda t: add_domain(t.database, "three.com", PEOPLE[0])),
    ("that is removed", lambda t: remove_domain(t.database, "three.com")),
    ("so that the claim is verified", lambda t: verify_domain(t.database, "three.com", PEOPLE[1])),
    ("members by a statement", lambda t: t.execute(delete(Membership).where(Membership.domain_id == 1))),
    ("an account is removed", lambda t: remove_account(t.database, PEOPLE[2])),
    ("all domains by a statement", lambda t: t.execute(update(Domain).values(verified_at=None))),
)


async def test_every_change_shows_as_if_all_were_read(town: Town) -> None:
    directory = Directory(town.database)
    await directory.look()
    seen = [town.held(directory)]
    for name, change in CHANGES:
        await change(town)
        await directory.look()
        seen.append(town.held(directory))
        assert seen[-1] == await town.fresh(), name
    # These change nothing that an edge answers.
    same = [
        name for (name, _), before, after in zip(CHANGES, seen, seen[1:], strict=False) if before == after
    ]
    assert same == ["a viewer", "a claim"]


async def test_nobody_is_missing_while_it_is_read(town: Town) -> None:
    directory = Directory(town.database)
    await directory.look()
    for _ in range(3):
        await new_settings(town)
        await town.key(PEOPLE[0])
        looking = asyncio.create_task(directory.look())
        while not looking.done():
            client = directory.client(b"", town.keys[0].encode())
            assert client is not None
            assert set(client.sites) == set(HOSTS[:2])
            await asyncio.sleep(0)
        await looking


async def test_only_what_changed_is_read(town: Town) -> None:
    directory = Directory(town.database)
    await directory.look()
    one, two = map(directory.site, HOSTS[:2])
    await new_settings(town)
    await town.key(PEOPLE[1])
    await directory.look()
    assert directory.site("two.com") is two
    assert directory.site("one.com") is not one


async def test_what_is_changed_at_once_beyond_a_bound_is_all(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "MOST_NOTED", 2)
    directory = Directory(town.database)
    await directory.look()
    two = directory.site("two.com")
    await town.execute(delete(Account).where(Account.id > 100))  # which is nothing
    await town.execute(update(Domain).where(Domain.id < 100).values(origin="https://elsewhere.com"))
    await directory.look()
    assert directory.site("two.com") is not two  # one of two, so each by itself
    for number in range(3):
        await add_domain(town.database, f"more{number}.com", PEOPLE[0])
    two = directory.site("two.com")
    await directory.look()
    assert directory.site("two.com") is not two
    assert town.held(directory) == await town.fresh()


async def test_a_database_from_a_backup_is_read_whole(town: Town) -> None:
    directory = Directory(town.database)
    await directory.look()
    await town.execute(delete(Domain).where(Domain.host == "two.com"))
    await town.execute(update(Generation).values(value=1))
    await directory.look()
    assert town.held(directory) == await town.fresh()
    assert directory.site("two.com") is None


async def test_who_brings_a_new_key_waits_for_the_look_that_finds_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = Directory(town.database)
    await directory.look()
    key = await town.key(PEOPLE[0])
    reading, go_on = asyncio.Event(), asyncio.Event()
    real = generation.changes_since

    async def slow(*given: Any) -> Any:
        reading.set()
        await go_on.wait()
        return await real(*given)

    monkeypatch.setattr("crawlight.edge.directory.changes_since", slow)
    looking = asyncio.create_task(directory.look())
    await reading.wait()
    assert directory.outdated
    go_on.set()
    await directory.catch_up()
    await looking
    assert directory.client(b"", key.encode())
