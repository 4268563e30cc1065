"""Accounts of people: make, find, set a password."""

import asyncio
import secrets
import threading
from collections.abc import Mapping
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.accounts.addresses import normal_email as normal_email
from crawlight.accounts.addresses import unknown_account
from crawlight.accounts.links import use_link
from crawlight.accounts.plans import Plans, plan_named
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, Link, Membership, Session
from crawlight.errors import ConflictError, UserError
from crawlight.kit.clock import now

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 1024
"""Characters of a password; the upper bound keeps hashing cheap for us."""

_HASHER = PasswordHash((Argon2Hasher(),))
# Each hash takes 64 MiB for a moment: many at once must not take all memory.
_HASHING = threading.BoundedSemaphore(4)


async def create_account(
    database: Database, plans: Plans, email: str, *, plan: str | None = None, password: str | None = None
) -> Account:
    """Make an account, on the first plan of the settings unless one is named.

    Without a password nobody can sign in to it.

    Raises UserError for a malformed or taken address, an unknown plan, or a password of a bad length.
    """
    account = await prepared_account(plans, email, plan=plan, password=password)
    async with database.write() as session:
        await add_account(session, account)
    return account


async def prepared_account(
    plans: Plans, email: str, *, plan: str | None = None, password: str | None = None
) -> Account:
    """An account that is not stored yet: hashing takes long, and a transaction should not. As `create_account`."""
    name = next(iter(plans)) if plan is None else plan
    plan_named(name, plans)
    account = Account(email=normal_email(email), plan=name, created_at=now())
    account.password_hash = None if password is None else await _hash(password)
    return account


async def add_account(session: AsyncSession, account: Account) -> None:
    """Store a prepared account, in a transaction that may do more. Raises UserError for a taken address."""
    if await session.scalar(select(Account.id).where(Account.email == account.email)) is not None:
        raise ConflictError(f"there is already an account {account.email}")
    session.add(account)
    try:
        await session.flush()
    except IntegrityError:  # PostgreSQL: somebody was quicker.
        raise ConflictError(f"there is already an account {account.email}") from None


async def find_account(database: Database, email: str) -> Account:
    """The account of an e-mail address, in any case. Raises UserError where there is none."""
    async with database.read() as session:
        account = await session.scalar(select(Account).where(Account.email == normal_email(email)))
    if account is None:
        raise unknown_account(email)
    return account


async def has_accounts(database: Database) -> bool:
    """Whether anybody has an account yet."""
    async with database.read() as session:
        return await session.scalar(select(Account.id).limit(1)) is not None


async def plans_in_use(database: Database) -> set[str]:
    """Names of the plans that accounts are on."""
    async with database.read() as session:
        return set(await session.scalars(select(Account.plan).distinct()))


async def set_password(database: Database, email: str, password: str) -> None:
    """Replace the password of an account. Raises UserError for an unknown account or a bad length."""
    hashed = await _hash(password)
    change = update(Account).where(Account.email == normal_email(email)).values(password_hash=hashed)
    async with database.write() as session:
        if await session.scalar(change.returning(Account.id)) is None:
            raise unknown_account(email)


async def reset_password(database: Database, token: str, password: str) -> Account:
    """Set the password of a ``reset`` link's account; its sessions and other such links end.

    Raises UserError for a link that cannot be used any more, or a password of a bad length.
    """
    hashed = await _hash(password)
    async with database.write() as session:
        link = await use_link(session, "reset", token)
        account = await session.get_one(Account, link.account_id)
        account.password_hash = hashed
        await session.execute(delete(Session).where(Session.account_id == account.id))
        resets = (Link.account_id == account.id) & (Link.purpose == "reset")
        await session.execute(delete(Link).where(resets))
    return account


async def create_first_account(
    database: Database, plans: Plans, token: str, email: str, password: str
) -> Account:
    """Make the first account of a server, on its largest plan: who runs it needs no limit.

    Raises UserError as `create_account`, and where the ``setup`` link cannot be used or there is an account.
    """
    account = await prepared_account(plans, email, plan=largest(plans), password=password)
    async with database.write() as session:
        await use_link(session, "setup", token)
        if await session.scalar(select(Account.id).limit(1)) is not None:
            raise ConflictError("this server has an account already; sign in")
        await add_account(session, account)
    return account


async def change_account(database: Database, email: str, changes: Mapping[str, object]) -> Account:
    """Set columns of an account. Raises UserError for an unknown account."""
    async with database.write() as session:
        account = await session.scalar(select(Account).where(Account.email == normal_email(email)))
        if account is None:
            raise unknown_account(email)
        for name, value in changes.items():
            setattr(account, name, value)
    return account


async def remove_account(database: Database, email: str) -> None:
    """Remove an account with its keys, sessions and usage; others keep what it shared with them.

    Raises UserError for an unknown account, or one that still owns domains.
    """
    account = await find_account(database, email)
    mine = Membership.account_id == account.id
    owned = select(Domain.host).join(Membership, Membership.domain_id == Domain.id)
    async with database.write() as session:
        hosts = (await session.scalars(owned.where(mine, Membership.role == "owner"))).all()
        if hosts:
            raise ConflictError(
                f"{account.email} owns {', '.join(sorted(hosts))}; remove these domains first"
            )
        await session.execute(delete(Membership).where(mine))
        await session.execute(delete(Account).where(Account.id == account.id))


def largest(plans: Plans) -> str:
    """The name of the plan with the most calls a month."""
    return max(plans, key=lambda name: plans[name].calls_per_month)


async def check_password(database: Database, email: str, password: str) -> Account | None:
    """The account with this address and password, else None, after as long as a wrong password takes."""
    try:
        account: Account | None = await find_account(database, email)
    except UserError:
        account = None
    known = None if account is None else account.password_hash
    fits, newer = await asyncio.to_thread(_fits, password, known)
    if account is None or not fits:
        return None
    if newer is not None:
        change = update(Account).where(Account.id == account.id, Account.password_hash == known)
        async with database.write() as session:
            await session.execute(change.values(password_hash=newer))
    return account


def fit_password(password: str) -> str:
    """The password, where it may be one. Raises UserError for a bad length."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UserError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return password


async def _hash(password: str) -> str:
    return await asyncio.to_thread(_slowly, fit_password(password))  # Slow on purpose: not in the event loop.


def _slowly(password: str) -> str:
    with _HASHING:
        return _HASHER.hash(password)


def _fits(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether the password is that of the hash, and a hash of today's strength where the known one is weaker."""
    if len(password) > MAX_PASSWORD:
        return False, None
    with _HASHING:
        fits, newer = _HASHER.verify_and_update(password, known or _nobody())
    return (fits, newer) if known else (False, None)


@cache
def _nobody() -> str:
    """A hash to compare with where there is no account: the time must not tell who has one."""
    return _HASHER.hash(secrets.token_hex())
