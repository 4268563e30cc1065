"""The relational side of made crawls: one account, its domains, and every page of each in the inventory."""

from pathlib import Path

from crawlight.accounts.people import create_account, find_account
from crawlight.accounts.scope import Scope, scope_of
from crawlight.database.engine import Database
from crawlight.domains.pages import learn, record_audit
from crawlight.domains.registry import add_domain
from crawlight.settings import DEFAULT_PLANS

EMAIL = "bench@example.com"
AUDITED = 20
"""The most crawled pages of each domain have been audited."""


async def make(folder: Path, domains: int, pages: int) -> None:
    """Fill a new database. Domains have the ids from 1 on; page 1 is the most crawled one."""
    database = await opened(folder)
    try:
        await create_account(database, DEFAULT_PLANS, EMAIL)
        for number in range(1, domains + 1):
            domain = await add_domain(database, f"site{number:02}.example", EMAIL)
            if domain.id != number:
                raise RuntimeError(
                    f"the domain {domain.host} has the id {domain.id}, its crawls have {number}"
                )
            await learn(database, domain.id, (page_path(page) for page in range(1, pages + 1)))
            for page in range(1, AUDITED + 1):
                await record_audit(database, domain.id, page_path(page), 40 + 3 * page, page % 4)
    finally:
        await database.close()


async def opened(folder: Path) -> Database:
    return await Database.open(f"sqlite+aiosqlite:///{folder}/crawlight.db")


async def scope(database: Database) -> Scope:
    return await scope_of(database, (await find_account(database, EMAIL)).id)


def page_path(page: int | str) -> str:
    return f"/articles/{page}"
