import pytest

from crawlight.accounts.people import create_account
from crawlight.accounts.plans import Plans
from crawlight.database.engine import Database
from crawlight.database.tables import Account
from crawlight.settings import DEFAULT_PLANS


@pytest.fixture
def plans() -> Plans:
    return DEFAULT_PLANS


@pytest.fixture
async def account(database: Database, plans: Plans) -> Account:
    return await create_account(database, plans, "owner@example.com", plan="pro")
