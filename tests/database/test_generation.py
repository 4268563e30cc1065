from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from crawlight.accounts.keys import authenticate, create_key, revoke_key
from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.generation import generation
from crawlight.database.tables import ApiKey, Domain, Membership, Page
from crawlight.domains.pages import learn
from crawlight.domains.registry import add_domain, share_domain
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


async def now_of(database: Database) -> int:
    async with database.read() as session:
        return await generation(session)


async def test_grows_with_what_edges_hold(database: Database) -> None:
    seen = [await now_of(database)]
    owner = await create_account(database, DEFAULT_PLANS, "a@example.com", plan="pro")
    await create_account(database, DEFAULT_PLANS, "b@example.com", plan="pro")
    domain = await add_domain(database, "example.com", "a@example.com")
    seen.append(await now_of(database))
    await share_domain(database, "example.com", "b@example.com", "viewer")
    seen.append(await now_of(database))
    await share_domain(database, "example.com", "b@example.com", "manager")
    seen.append(await now_of(database))
    key = await create_key(database, DEFAULT_PLANS, owner.id, "k")
    seen.append(await now_of(database))
    await revoke_key(database, key)
    seen.append(await now_of(database))
    async with database.write() as session:
        await session.execute(update(Domain).where(Domain.id == domain.id).values(verified_at=None))
    seen.append(await now_of(database))
    async with database.write() as session:
        await session.execute(delete(Membership).where(Membership.domain_id == domain.id))
    seen.append(await now_of(database))
    assert seen == sorted(set(seen))


async def test_stays_with_what_edges_do_not_hold(database: Database) -> None:
    owner = await create_account(database, DEFAULT_PLANS, "a@example.com", plan="pro")
    domain = await add_domain(database, "example.com", "a@example.com")
    key = await create_key(database, DEFAULT_PLANS, owner.id, "k")
    before = await now_of(database)
    assert await authenticate(database, DEFAULT_PLANS, key)
    await learn(database, domain.id, ["/a"])
    async with database.write() as session:
        await session.execute(update(Page).values(gone_at=datetime.now(UTC)))
    assert await now_of(database) == before
    async with database.read() as session:
        assert (await session.get_one(ApiKey, 1)).last_used_at is not None


async def test_a_change_that_is_rolled_back_leaves_it(database: Database) -> None:
    before = await now_of(database)

    async def fail() -> None:
        async with database.write() as session:
            session.add(Domain(host="example.com", created_at=datetime.now(UTC)))
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await now_of(database) == before
