import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from crawlight.accounts import keys
from crawlight.accounts.people import create_account
from crawlight.accounts.plans import Plans
from crawlight.database.engine import Database
from crawlight.database.tables import Account, ApiKey
from crawlight.errors import UserError

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 6, 29, 12, tzinfo=UTC)


async def last_use(database: Database) -> datetime | None:
    (key,) = await keys.list_keys(database)
    return key.last_used_at


async def test_a_key_opens_for_its_account(database: Database, account: Account, plans: Plans) -> None:
    key = await keys.create_key(database, plans, account.id, " CI ")
    assert re.fullmatch(r"hado_sk_[0-9a-f]{48}", key)
    caller = await keys.authenticate(database, plans, key)
    assert caller is not None
    assert (caller.account_id, caller.account_uuid) == (account.id, account.uuid)
    assert (caller.limits.plan, caller.limits.calls_per_month) == ("pro", 1_500)


async def test_a_key_is_stored_as_hash_and_prefix_only(
    database: Database, account: Account, plans: Plans
) -> None:
    key = await keys.create_key(database, plans, account.id, "CI")
    async with database.read() as session:
        row = (await session.scalars(select(ApiKey))).one()
    assert (row.prefix, row.name, len(row.hash)) == (key[:16], "CI", 32)
    assert key[16:] not in str(vars(row))
    (listed,) = await keys.list_keys(database, "OWNER@example.com")
    assert (listed.prefix, listed.name, listed.email) == (key[:16], "CI", "owner@example.com")
    assert await keys.list_keys(database, "other@example.com") == []


async def test_a_revoked_key_is_closed_at_once_and_for_good(
    database: Database, account: Account, plans: Plans
) -> None:
    key = await keys.create_key(database, plans, account.id, "CI")
    revoked = await keys.revoke_key(database, f"{key[:16]}…")
    assert (revoked.prefix, revoked.email) == (key[:16], account.email)
    assert await keys.authenticate(database, plans, key) is None
    with pytest.raises(UserError, match=f"{key[:16]} was revoked at 20"):
        await keys.revoke_key(database, key)


async def test_other_keys_are_closed(database: Database, account: Account, plans: Plans) -> None:
    key = await keys.create_key(database, plans, account.id, "CI")
    last = "0" if key[-1] != "0" else "1"
    assert await keys.authenticate(database, plans, key[:-1] + last) is None


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "hado_sk_",
        "hado_sk_" + "a" * 47,
        "hado_sk_" + "a" * 49,
        "hado_sk_" + "A" * 48,
        "hado_sk_" + "g" * 48,
        "hado_sk_" + "١" * 48,
        "hado_sk_" + "a" * 48 + "\n",
        "hado_pk_" + "a" * 48,
    ],
)
async def test_malformed_keys_never_reach_the_database(plans: Plans, key: str | None) -> None:
    nothing: Database = None  # type: ignore[assignment]
    assert await keys.authenticate(nothing, plans, key) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER   abc ", "abc"),
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearerabc", None),
        ("abc", None),
        ("Basic abc", None),
        ("Bearer abc def", None),
        ("Bearer abc, Bearer def", None),
    ],
)
def test_bearer_tokens(header: str | None, token: str | None) -> None:
    assert keys.bearer_token(header) == token


async def test_the_plan_says_how_many_keys_are_valid_at_a_time(
    database: Database, account: Account, plans: Plans
) -> None:
    first = await keys.create_key(database, plans, account.id, "one")
    await keys.create_key(database, plans, account.id, "two")
    with pytest.raises(UserError, match=r"owner@example\.com has 2 valid API keys, and plan pro allows 2"):
        await keys.create_key(database, plans, account.id, "three")
    await keys.revoke_key(database, first)
    await keys.create_key(database, plans, account.id, "three")


async def test_makers_of_keys_at_once_get_no_more_than_the_plan_allows(
    database: Database, account: Account, plans: Plans
) -> None:
    makers = (keys.create_key(database, plans, account.id, str(n)) for n in range(10))
    results = await asyncio.gather(*makers, return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 2


async def test_a_key_needs_a_name(database: Database, account: Account, plans: Plans) -> None:
    for name in ("", "  ", "x" * 101):
        with pytest.raises(UserError, match="a name of 1 to 100 characters"):
            await keys.create_key(database, plans, account.id, name)


async def test_the_last_use_is_noted_once_a_minute(
    database: Database, account: Account, plans: Plans
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        key = await keys.create_key(database, plans, account.id, "CI")
        assert await last_use(database) is None
        for seconds, noted in ((0, NOON), (59, NOON), (60, NOON + timedelta(minutes=1))):
            clock.move_to(NOON + timedelta(seconds=seconds))
            assert await keys.authenticate(database, plans, key)
            assert await last_use(database) == noted


async def test_prefixes_that_fit_none_or_several_are_said(
    database: Database, account: Account, plans: Plans
) -> None:
    one, two = [await keys.create_key(database, plans, account.id, name) for name in ("one", "two")]
    async with database.write() as session:
        await session.execute(update(ApiKey).values(prefix=one[:16]))
    with pytest.raises(UserError, match=f"2 keys begin with {one[:16]}; give the whole key"):
        await keys.revoke_key(database, one[:16])
    assert (await keys.revoke_key(database, two)).name == "two"
    with pytest.raises(UserError, match=r"there is no key hado_sk_00000000$"):
        await keys.revoke_key(database, "hado_sk_00000000")
    for malformed in ("", "hado_sk_", "hado_sk_%", "CI"):
        with pytest.raises(UserError, match="a key's prefix looks like hado_sk_a1b2c3d4"):
            await keys.revoke_key(database, malformed)


async def test_keys_are_listed_by_account_oldest_first(database: Database, plans: Plans) -> None:
    for email in ("b@example.com", "a@example.com"):
        account = await create_account(database, plans, email, plan="agency")
        for name in ("z", "y"):
            await keys.create_key(database, plans, account.id, name)
    listed = [(key.email[0], key.name) for key in await keys.list_keys(database)]
    assert listed == [("a", "z"), ("a", "y"), ("b", "z"), ("b", "y")]
