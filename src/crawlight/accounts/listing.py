"""Accounts and API keys, as the operator lists them."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from crawlight.accounts.addresses import normal_email, unknown_account
from crawlight.database.asking import ask, shaped


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One account as the operator sees it."""

    email: str
    uuid: UUID
    plan: str
    password: bool
    created_at: datetime


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key as people see it."""

    prefix: str
    name: str
    email: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


ACCOUNTS: Final = """
SELECT email, uuid, plan, password_hash IS NOT NULL, created_at
FROM accounts
ORDER BY email
"""

KEYS: Final = """
SELECT api_keys.prefix, api_keys.name, accounts.email, api_keys.created_at, api_keys.last_used_at,
    api_keys.revoked_at
FROM api_keys
JOIN accounts ON accounts.id = api_keys.account_id
ORDER BY accounts.email, api_keys.id
"""


def all_accounts(url: str) -> list[ListedAccount]:
    """All accounts of the store at ``url``, by address."""
    return shaped(ask(url, ACCOUNTS), ListedAccount)


def all_keys(url: str, email: str | None = None) -> list[ListedKey]:
    """The keys of one account, or of all: by account, oldest first, revoked ones too.

    Raises UserError for a malformed or unknown address.
    """
    keys = shaped(ask(url, KEYS), ListedKey)
    if email is None:
        return keys
    address = normal_email(email)
    if not ask(url, "SELECT id FROM accounts WHERE email = :email", {"email": address}):
        raise unknown_account(email)
    return [key for key in keys if key.email == address]
