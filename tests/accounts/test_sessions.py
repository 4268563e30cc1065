"""Sessions, one-time links and secrets, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from crawlight.accounts import links, sessions
from crawlight.accounts.people import check_password, create_account, remove_account, reset_password
from crawlight.accounts.plans import Plans
from crawlight.accounts.secrets import secret
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Link, Session
from crawlight.errors import UserError
from crawlight.kit.clock import now

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse battery"


async def test_a_session_is_found_by_its_token_alone(database: Database, account: Account) -> None:
    token = await sessions.begin_session(database, account.id, "Firefox\0" + "x" * 1000)
    found = await sessions.find_session(database, token)
    assert found is not None
    session, whose = found
    assert (whose.id, len(session.user_agent)) == (account.id, 300)
    assert token.encode() not in session.digest
    for other in ("", token[:-1], token + "x", session.digest.hex()):
        assert await sessions.find_session(database, other) is None


async def test_ending_sessions(database: Database, account: Account) -> None:
    tokens = [await sessions.begin_session(database, account.id, name) for name in ("a", "b", "c")]
    found = [await sessions.find_session(database, token) for token in tokens]
    digests = [one[0].digest for one in found if one is not None]
    await sessions.end_session(database, account.id + 1, digests[0])
    assert len(await sessions.list_sessions(database, account.id)) == 3
    await sessions.end_session(database, account.id, digests[0])
    await sessions.end_sessions(database, account.id, but=digests[1])
    assert [one.digest for one in await sessions.list_sessions(database, account.id)] == [digests[1]]
    await sessions.end_sessions(database, account.id)
    assert await sessions.find_session(database, tokens[1]) is None


async def test_sessions_that_are_over_are_removed(
    database: Database, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await sessions.begin_session(database, account.id, "old")
    later = now() + sessions.IDLE + timedelta(seconds=1)
    monkeypatch.setattr(sessions, "now", lambda: later)
    assert await sessions.list_sessions(database, account.id) == []
    assert await sessions.find_session(database, old) is None
    await sessions.begin_session(database, account.id, "new")
    async with database.read() as session:
        assert (await session.scalars(select(Session.user_agent))).all() == ["new"]


async def test_a_session_that_is_used_lives_on(
    database: Database, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, started = await sessions.begin_session(database, account.id, ""), now()
    for days in range(20, 180, 20):
        monkeypatch.setattr(sessions, "now", lambda days=days: started + timedelta(days=days))
        assert await sessions.find_session(database, token) is not None
    monkeypatch.setattr(sessions, "now", lambda: started + timedelta(days=181))
    assert await sessions.find_session(database, token) is None


async def test_a_link_works_once_whoever_is_first(database: Database, account: Account) -> None:
    token = await links.make_link(database, "reset", timedelta(hours=1), account_id=account.id)
    tries = [reset_password(database, token, f"{PASSWORD} {n}") for n in range(3)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Account", "UserError", "UserError"]
    fits = [await check_password(database, account.email, f"{PASSWORD} {n}") is not None for n in range(3)]
    assert fits.count(True) == 1


async def test_links_that_are_too_old_are_removed(
    database: Database, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await links.make_link(database, "reset", timedelta(hours=1), account_id=account.id)
    later = now() + timedelta(hours=2)
    monkeypatch.setattr(links, "now", lambda: later)
    with pytest.raises(UserError, match="too old"):
        await reset_password(database, token, PASSWORD)
    await links.make_link(database, "setup", timedelta(hours=1))
    async with database.read() as session:
        assert (await session.scalars(select(Link.purpose))).all() == ["setup"]


async def test_an_account_takes_its_sessions_and_links_along(database: Database, plans: Plans) -> None:
    account = await create_account(database, plans, "me@example.org", password=PASSWORD)
    await sessions.begin_session(database, account.id, "")
    await links.make_link(database, "reset", timedelta(hours=1), account_id=account.id)
    await remove_account(database, "me@example.org")
    async with database.read() as session:
        assert (await session.scalars(select(Session))).all() == []
        assert (await session.scalars(select(Link))).all() == []


async def test_a_secret_is_made_once(database: Database) -> None:
    made = await asyncio.gather(*(secret(database, "cookies") for _ in range(5)))
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert await secret(database, "other") != made[0]
