import asyncio

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from crawlight.accounts import people
from crawlight.accounts.listing import all_accounts
from crawlight.accounts.plans import Plans, limits_of
from crawlight.database.engine import Database
from crawlight.database.tables import Account
from crawlight.errors import UserError

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse battery"


def fits(password: str, account: Account) -> bool:
    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$")
    return PasswordHash((Argon2Hasher(),)).verify(password, account.password_hash)


async def test_an_account_has_the_first_plan_and_no_password(database: Database, plans: Plans) -> None:
    account = await people.create_account(database, plans, " New@Example.COM ")
    found = await people.find_account(database, "new@example.com")
    assert (found.id, found.uuid) == (account.id, account.uuid)
    assert (found.email, found.plan, found.password_hash) == ("new@example.com", "starter", None)


async def test_passwords_are_kept_as_argon2id_and_can_be_replaced(database: Database, plans: Plans) -> None:
    await people.create_account(database, plans, "a@example.com", password=PASSWORD)
    assert fits(PASSWORD, await people.find_account(database, "a@example.com"))
    await people.set_password(database, "A@example.com", PASSWORD * 2)
    account = await people.find_account(database, "a@example.com")
    assert fits(PASSWORD * 2, account)
    assert not fits(PASSWORD, account)


async def test_an_address_is_taken_in_any_case(database: Database, account: Account, plans: Plans) -> None:
    with pytest.raises(UserError, match=r"already an account owner@example\.com"):
        await people.create_account(database, plans, "OWNER@example.com")


async def test_one_of_two_that_take_an_address_at_once_gets_it(database: Database, plans: Plans) -> None:
    both = (people.create_account(database, plans, "a@example.com") for _ in range(2))
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Account", "ConflictError"]


async def test_accounts_are_listed_by_address(database: Database, database_url: str, plans: Plans) -> None:
    for email in ("c@example.com", "a@example.com", "b@example.com"):
        await people.create_account(database, plans, email)
    listed = await asyncio.to_thread(all_accounts, database_url)
    assert [account.email for account in listed] == ["a@example.com", "b@example.com", "c@example.com"]
    account = await people.find_account(database, "a@example.com")
    assert (listed[0].uuid, listed[0].created_at) == (account.uuid, account.created_at)


@pytest.mark.parametrize(
    "email", ["", "nobody", "@example.com", "a@", "a@b@c", "a b@example.com", "a\x00@x", "a@" + "x" * 254]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(UserError, match="is no e-mail address"):
        people.normal_email(email)


async def test_passwords_of_a_bad_length_are_refused(database: Database, plans: Plans) -> None:
    for password in ("", "eleven char", "x" * 1025):
        with pytest.raises(UserError, match="a password has 12 to 1024 characters"):
            await people.create_account(database, plans, "a@example.com", password=password)
    assert not await people.has_accounts(database)


async def test_unknown_people_and_plans_are_said(database: Database, plans: Plans) -> None:
    with pytest.raises(UserError, match=r"no account x@example\.com$"):
        await people.find_account(database, "X@example.com")
    with pytest.raises(UserError, match=r"no account x@example\.com"):
        await people.set_password(database, "x@example.com", PASSWORD)
    with pytest.raises(UserError, match="unknown plan gold; the settings have starter, pro, growth, agency"):
        await people.create_account(database, plans, "x@example.com", plan="gold")


def test_an_accounts_own_limits_go_before_its_plans(plans: Plans) -> None:
    account = Account(plan="pro", calls_per_month=9_000, api_keys=0)
    limits = limits_of(account, plans)
    assert (limits.plan, limits.calls_per_month, limits.api_keys) == ("pro", 9_000, 0)
    assert (limits.calls_per_minute, limits.export_api) == (60, True)


def test_a_plan_that_the_settings_lost_is_said(plans: Plans) -> None:
    with pytest.raises(UserError, match="unknown plan gold"):
        limits_of(Account(plan="gold"), plans)
