import pytest

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.tables import Domain
from crawlight.domains.registry import add_domain
from crawlight.settings import DEFAULT_PLANS


@pytest.fixture
async def people(database: Database) -> None:
    """Accounts owner, friend and stranger at example.org."""
    for name in ("owner", "friend", "stranger"):
        await create_account(database, DEFAULT_PLANS, f"{name}@example.org")


@pytest.fixture
async def domain(database: Database, people: None) -> Domain:
    return await add_domain(database, "example.com", "owner@example.org")
