"""Claims and sharing on both databases."""

import asyncio

import pytest

from crawlight.accounts.people import create_account
from crawlight.accounts.scope import scope_of
from crawlight.database.engine import Database
from crawlight.domains import claims, sharing
from crawlight.domains.registry import add_domain
from crawlight.errors import UserError
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


async def people(database: Database, *names: str) -> list[int]:
    made = [await create_account(database, DEFAULT_PLANS, f"{name}@example.org") for name in names]
    return [account.id for account in made]


async def test_of_those_who_prove_a_host_one_gets_it(database: Database) -> None:
    accounts = await people(database, "a", "b", "c")
    for account in accounts:
        assert await claims.claim(database, account, "WWW.Example.com.") == "example.com"
    wanted = [await claims.find_claim(database, account, "www.example.com") for account in accounts]
    tries = [claims.confirm(database, one) for one in wanted if one is not None]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["ConflictError", "ConflictError", "NoneType"]
    seen = [(await scope_of(database, account)).find("example.com") is not None for account in accounts]
    assert seen.count(True) == 1


async def test_a_claim_that_went_is_not_confirmed(database: Database) -> None:
    (account,) = await people(database, "a")
    await claims.claim(database, account, "example.com")
    claim = await claims.find_claim(database, account, "example.com")
    assert claim is not None
    await claims.withdraw(database, claim)
    with pytest.raises(UserError, match="removed meanwhile"):
        await claims.confirm(database, claim)


async def test_a_proven_domain_is_not_withdrawn(database: Database) -> None:
    (account,) = await people(database, "a")
    await claims.claim(database, account, "example.com")
    claim = await claims.find_claim(database, account, "example.com")
    assert claim is not None
    await claims.confirm(database, claim)
    await claims.withdraw(database, claim)
    assert (await scope_of(database, account)).find("example.com") is not None


async def test_an_invitation_is_taken_by_one(database: Database) -> None:
    (owner,) = await people(database, "owner")
    await add_domain(database, "example.com", "owner@example.org")
    domain = (await scope_of(database, owner)).domains[0]
    token = (await sharing.invite(database, domain, owner, "", "viewer")).token
    assert token is not None
    tries = [sharing.join(database, DEFAULT_PLANS, token, f"new{n}@example.org", "x" * 12) for n in range(3)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert [isinstance(end, UserError) for end in ends].count(True) == 2
    assert len(await sharing.members_of(database, domain)) == 2
    assert await sharing.invitations_of(database, domain) == []
