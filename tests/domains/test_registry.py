import asyncio

import pytest

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import scope_of
from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains import registry
from crawlight.domains.listing import Member
from crawlight.errors import UserError

pytestmark = pytest.mark.anyio


async def roles(database: Database, email: str) -> dict[str, str]:
    account = await find_account(database, email)
    return {domain.host: domain.role for domain in (await scope_of(database, account.id)).domains}


async def test_an_added_domain_is_verified_and_its_owners(database: Database, domain: Domain) -> None:
    assert domain.verified_at == domain.created_at
    assert await roles(database, "owner@example.org") == {"example.com": "owner"}
    assert await roles(database, "stranger@example.org") == {}


async def test_a_domain_is_shared_and_its_role_changed(database: Database, domain: Domain) -> None:
    await registry.share_domain(database, "www.example.com", "Friend@example.org", "manager")
    assert await roles(database, "friend@example.org") == {"example.com": "manager"}
    await registry.share_domain(database, "example.com", "friend@example.org", "viewer")
    assert await roles(database, "friend@example.org") == {"example.com": "viewer"}
    assert await roles(database, "owner@example.org") == {"example.com": "owner"}
    assert await roles(database, "stranger@example.org") == {}


async def test_a_host_has_one_owner(database: Database, domain: Domain) -> None:
    for host in ("example.com", "WWW.example.com"):
        with pytest.raises(UserError, match=r"example\.com is already there, owned by owner@example\.org"):
            await registry.add_domain(database, host, "stranger@example.org")
    assert [listed.host for listed in await registry.list_domains(database)] == ["example.com"]


async def test_one_of_two_that_add_a_host_at_once_gets_it(database: Database, people: None) -> None:
    owners = ("owner@example.org", "stranger@example.org")
    both = (registry.add_domain(database, "example.com", owner) for owner in owners)
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "Domain"]


async def test_domains_are_listed_with_their_members(database: Database, domain: Domain) -> None:
    await registry.add_domain(
        database, "app.example.com", "stranger@example.org", origin="http://LOCALHOST:3000/"
    )
    await registry.share_domain(database, "example.com", "friend@example.org", "viewer")
    app, site = await registry.list_domains(database)
    assert (app.host, app.origin) == ("app.example.com", "http://localhost:3000")
    assert (site.host, site.uuid, site.origin) == ("example.com", domain.uuid, None)
    assert site.members == [Member("friend@example.org", "viewer"), Member("owner@example.org", "owner")]
    assert await registry.describe_domain(database, domain) == site


async def test_domains_are_found_by_host(database: Database, domain: Domain) -> None:
    assert (await registry.find_domain(database, "WWW.Example.com")).id == domain.id
    with pytest.raises(UserError, match=r"no domain x\.example$") as refused:
        await registry.find_domain(database, "x.example")
    assert refused.value.at_terminal().endswith(
        "; add it with `crawlight domain add x.example --owner EMAIL`"
    )
    assert refused.value.on_page() == "There is no domain x.example."


async def test_refusals_change_nothing(database: Database, domain: Domain) -> None:
    with pytest.raises(UserError, match=r"no account nobody@example\.org"):
        await registry.add_domain(database, "new.example", "nobody@example.org")
    with pytest.raises(UserError, match=r"no account nobody@example\.org"):
        await registry.share_domain(database, "example.com", "nobody@example.org", "viewer")
    with pytest.raises(UserError, match=r"no domain new\.example"):
        await registry.share_domain(database, "new.example", "friend@example.org", "viewer")
    with pytest.raises(UserError, match=r"owner@example\.org owns example\.com"):
        await registry.share_domain(database, "example.com", "owner@example.org", "viewer")
    (listed,) = await registry.list_domains(database)
    assert listed.members == [Member("owner@example.org", "owner")]
