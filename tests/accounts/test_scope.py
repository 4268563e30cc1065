from datetime import UTC, datetime

import pytest

from crawlight.accounts.people import create_account
from crawlight.accounts.plans import Plans
from crawlight.accounts.scope import Scope, scope_of
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, Membership, Role
from crawlight.errors import CrawlightError, UserError

pytestmark = pytest.mark.anyio

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


async def add(
    database: Database,
    account: Account,
    host: str,
    role: Role,
    *,
    origin: str | None = None,
    verified: bool = True,
) -> Domain:
    domain = Domain(host=host, origin=origin, created_at=MOMENT, verified_at=MOMENT if verified else None)
    async with database.write() as session:
        session.add(domain)
        await session.flush()
        session.add(Membership(domain_id=domain.id, account_id=account.id, role=role))
    return domain


@pytest.fixture
async def stranger(database: Database, plans: Plans) -> Account:
    return await create_account(database, plans, "stranger@example.com")


@pytest.fixture
async def scope(database: Database, account: Account, stranger: Account) -> Scope:
    await add(database, account, "viewed.example", "viewer")
    await add(database, account, "managed.example", "manager")
    await add(database, account, "owned.example", "owner")
    await add(database, account, "xn--bcher-kva.example", "owner")
    await add(database, account, "claimed.example", "owner", verified=False)
    await add(database, stranger, "strange.example", "owner")
    return await scope_of(database, account.id)


async def test_a_scope_has_the_accounts_verified_domains_in_order(scope: Scope, account: Account) -> None:
    assert (scope.account_id, scope.account_uuid) == (account.id, account.uuid)
    assert [(domain.host, domain.role) for domain in scope.domains] == [
        ("managed.example", "manager"),
        ("owned.example", "owner"),
        ("viewed.example", "viewer"),
        ("xn--bcher-kva.example", "owner"),
    ]


async def test_two_accounts_never_see_each_others(
    scope: Scope, database: Database, stranger: Account
) -> None:
    theirs = await scope_of(database, stranger.id)
    assert [domain.host for domain in theirs.domains] == ["strange.example"]
    assert theirs.find("owned.example") is None
    assert scope.find("strange.example") is None


async def test_a_domain_is_found_by_every_way_to_write_it(scope: Scope) -> None:
    for host in ("bücher.example", "BÜCHER.Example", "www.bücher.example", "WWW.xn--bcher-kva.example."):
        domain = scope.find(host)
        assert domain is not None, host
        assert domain.host == "xn--bcher-kva.example"


async def test_anything_else_is_not_found(scope: Scope) -> None:
    for host in (
        "",
        " ",
        "www.",
        "owned.example/",
        "https://owned.example",
        "sub.owned.example",
        "\x00",
        "%",
    ):
        assert scope.find(host) is None, host


async def test_owner_and_manager_manage(scope: Scope) -> None:
    for host in ("owned.example", "www.MANAGED.example"):
        assert scope.managed(host) == scope.find(host)


async def test_viewer_and_stranger_do_not_and_cannot_tell_why(scope: Scope) -> None:
    for host in ("viewed.example", "strange.example", "claimed.example", "nowhere.example"):
        with pytest.raises(CrawlightError) as refusal:
            scope.managed(host)
        assert (refusal.value.code, refusal.value.status) == ("domain_not_authorized", 403)
        assert refusal.value.reason == "the account neither owns nor manages this domain"


async def test_an_account_without_domains_has_an_empty_scope(database: Database, account: Account) -> None:
    scope = await scope_of(database, account.id)
    assert (scope.account_uuid, scope.domains) == (account.uuid, ())


async def test_an_account_that_is_gone_has_none(database: Database) -> None:
    with pytest.raises(UserError, match="no longer exists"):
        await scope_of(database, 99)


async def test_pages_have_the_host_that_the_origin_prefers(database: Database, account: Account) -> None:
    hosts = {
        "a.example": (None, "a.example"),
        "b.example": ("https://www.b.example", "www.b.example"),
        "c.example": ("https://c.example", "c.example"),
        "d.example": ("https://app.elsewhere.example", "d.example"),
        "e.example": ("http://www.e.example:8080", "e.example"),
    }
    for host, (origin, _) in hosts.items():
        await add(database, account, host, "owner", origin=origin)
    scope = await scope_of(database, account.id)
    assert {domain.host: domain.page_host for domain in scope.domains} == {
        host: page_host for host, (_, page_host) in hosts.items()
    }
