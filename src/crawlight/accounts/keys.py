"""API keys: made once, shown once, kept as a hash, checked at every call, revoked for good."""

import hmac
import re
import secrets
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.accounts.addresses import normal_email
from crawlight.accounts.listing import ListedKey
from crawlight.accounts.plans import Limits, Plans, limits_of
from crawlight.database.engine import Database
from crawlight.database.generation import UNHELD
from crawlight.database.tables import Account, ApiKey
from crawlight.errors import ConflictError, UserError
from crawlight.kit.clock import now

_KEY: Final = re.compile(r"hado_sk_[0-9a-f]{48}")
_PREFIX: Final = re.compile(r"(hado_sk_[0-9a-f]{8})[0-9a-f]{0,40}")
_BEARER: Final = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_PREFIX_LENGTH: Final = len("hado_sk_") + 8
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a call, and what their account may use."""

    key_id: int
    account_id: int
    account_uuid: UUID
    limits: Limits


async def create_key(database: Database, plans: Plans, account_id: int, name: str) -> str:
    """Make a key and return it: the only time that anyone sees it.

    Raises UserError where the plan allows no further key, or the name is empty or over 100 characters.
    """
    if not 1 <= len(name.strip()) <= 100:
        raise UserError("a key has a name of 1 to 100 characters")
    key = f"hado_sk_{secrets.token_hex(24)}"
    row = ApiKey(account_id=account_id, name=name.strip(), hash=_digest(key))
    row.prefix, row.created_at = key[:_PREFIX_LENGTH], now()
    async with database.write() as session:
        await _check_room(session, plans, account_id)
        session.add(row)
    return key


async def list_keys(database: Database, email: str | None = None) -> list[ListedKey]:
    """The keys of one account, or of all: by account, oldest first, revoked ones too."""
    query = select(ApiKey, Account.email).join(Account, Account.id == ApiKey.account_id)
    if email is not None:
        query = query.where(Account.email == normal_email(email))
    async with database.read() as session:
        rows = (await session.execute(query.order_by(Account.email, ApiKey.id))).all()
    return [_listed(key, owner) for key, owner in rows]


async def revoke_key(database: Database, prefix: str, account_id: int | None = None) -> ListedKey:
    """Revoke the one key with the shown prefix, or the whole key. Takes effect with the next call.

    Keys of other accounts than ``account_id`` do not count, where one is given.
    Raises UserError where no key fits, several do, or it is revoked already.
    """
    async with database.write() as session:
        key, email = await _find_one(session, prefix.strip().rstrip("…"), account_id)
        if key.revoked_at is not None:
            raise ConflictError(f"{key.prefix} was revoked at {key.revoked_at:%Y-%m-%d %H:%M} UTC")
        key.revoked_at = now()
    return _listed(key, email)


def bearer_token(authorization: str | None) -> str | None:
    """What an ``Authorization: Bearer`` header carries; None where it is absent or of another form."""
    match = _BEARER.fullmatch(authorization or "")
    return match[1] if match else None


async def authenticate(database: Database, plans: Plans, key: str | None) -> Caller | None:
    """Who owns a key; None for an absent, malformed, unknown or revoked one. Notes its use.

    Malformed keys never reach the database.
    """
    if key is None or not _KEY.fullmatch(key):
        return None
    digest = _digest(key)
    query = select(ApiKey, Account).join(Account, Account.id == ApiKey.account_id)
    async with database.read() as session:
        row = (await session.execute(query.where(ApiKey.hash == digest))).one_or_none()
    if row is None or not hmac.compare_digest(row[0].hash, digest) or row[0].revoked_at is not None:
        return None
    found, account = row
    limits = limits_of(account, plans)
    await _note_use(database, found)
    return Caller(
        key_id=found.id,
        account_id=account.id,
        account_uuid=account.uuid,
        limits=limits,
    )


async def _check_room(session: AsyncSession, plans: Plans, account_id: int) -> None:
    # The lock makes two makers of a key wait for each other, where writers are not alone anyway.
    account = await session.get_one(Account, account_id, with_for_update=True)
    valid = (ApiKey.account_id == account_id) & ApiKey.revoked_at.is_(None)
    count = await session.scalar(select(func.count()).select_from(ApiKey).where(valid))
    limits = limits_of(account, plans)
    if (count or 0) >= limits.api_keys:
        raise ConflictError(
            f"{account.email} has {count} valid API keys, and plan {limits.plan} allows {limits.api_keys}",
            cli="revoke one with `crawlight key revoke`",
            page="revoke one first",
        )


async def _find_one(session: AsyncSession, prefix: str, account_id: int | None) -> tuple[ApiKey, str]:
    match = _PREFIX.fullmatch(prefix)
    if match is None:
        raise UserError("a key's prefix looks like hado_sk_a1b2c3d4", cli="`crawlight key list` shows them")
    wanted: ColumnElement[bool] = ApiKey.prefix == match[1]
    if _KEY.fullmatch(prefix):
        wanted = ApiKey.hash == _digest(prefix)
    if account_id is not None:
        wanted &= ApiKey.account_id == account_id
    query = select(ApiKey, Account.email).join(Account, Account.id == ApiKey.account_id).where(wanted)
    rows = (await session.execute(query.with_for_update())).all()
    if not rows:
        raise UserError(f"there is no key {match[1]}", cli="`crawlight key list` shows them")
    if len(rows) > 1:
        raise UserError(f"{len(rows)} keys begin with {match[1]}; give the whole key")
    return rows[0][0], rows[0][1]


async def _note_use(database: Database, key: ApiKey) -> None:
    """Once a minute is enough for people to see, and a write at every call would cost more than the call.

    A call waits for no other writer because of it, nor fails where the disk is full.
    """
    moment = now()
    if key.last_used_at is not None and moment - key.last_used_at < _USE_NOTED_EVERY:
        return
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= moment - _USE_NOTED_EVERY)
    use = update(ApiKey).where(ApiKey.id == key.id, stale).values(last_used_at=moment)
    with suppress(OperationalError):
        async with database.write(patience=0) as session:
            await session.execute(use, execution_options=UNHELD)


def _digest(key: str) -> bytes:
    # No salt and no slow hash: a key has 192 random bits, so nobody can try them through.
    return sha256(key.encode()).digest()


def _listed(key: ApiKey, email: str) -> ListedKey:
    return ListedKey(
        prefix=key.prefix,
        name=key.name,
        email=email,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
