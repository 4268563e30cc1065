"""The first account of a server: from the settings, or by a link that only who starts the server can read."""

from crawlight.accounts.links import SETUP_LASTS, make_link
from crawlight.accounts.people import create_account, has_accounts, largest
from crawlight.accounts.plans import Plans
from crawlight.database.engine import Database


async def first_account(database: Database, plans: Plans, email: str, password: str) -> str | None:
    """Make the account of the settings where there is none yet and they name one.

    Answers the path of a page that makes the first account, once, where there is none still.
    Raises UserError where address or password of the settings are no use.
    """
    if await has_accounts(database):
        return None
    if email:
        await create_account(database, plans, email, plan=largest(plans), password=password)
        return None
    return f"/setup/{await make_link(database, 'setup', SETUP_LASTS)}"
