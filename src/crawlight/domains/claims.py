"""Domains that an account added and has not proven to control: nobody sees anything of them.

Any number of accounts may add the same host; the first to prove it has it.
"""

import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError

from crawlight.accounts.scope import scope_of
from crawlight.accounts.secrets import secret
from crawlight.database.engine import Database
from crawlight.database.tables import Domain, Membership
from crawlight.domains.hosts import new_domain_host
from crawlight.errors import ConflictError
from crawlight.kit.clock import now
from crawlight.kit.urls import bare_host

MOST: Final = 50
"""Unproven domains of one account."""


class Claim(msgspec.Struct, frozen=True):
    """One added domain; ``token`` is what its owner publishes."""

    id: int
    uuid: UUID
    host: str
    created_at: datetime
    token: str


async def claim(database: Database, account_id: int, given: str) -> str:
    """Add a host for an account, unproven; answers its normal form.

    Raises UserError for what is no host, for one that the account added or sees already, and past the bound.
    """
    host = new_domain_host(given)
    if (await scope_of(database, account_id)).find(host) is not None:
        raise ConflictError(f"{host} is already among your domains")
    async with database.write() as session:
        mine = _claims(account_id).subquery()
        if await session.scalar(select(mine.c.id).where(mine.c.host == host)) is not None:
            raise ConflictError(f"you have already added {host}; it is waiting for proof")
        if (await session.scalar(select(func.count()).select_from(mine)) or 0) >= MOST:
            raise ConflictError(f"{MOST} of your domains are waiting for proof; prove or remove some first")
        domain = Domain(host=host, created_at=now())
        session.add(domain)
        await session.flush()
        session.add(Membership(domain_id=domain.id, account_id=account_id, role="owner"))
    return host


async def claims_of(database: Database, account_id: int) -> list[Claim]:
    """The unproven domains of an account, by host."""
    key = await secret(database, "claims")
    async with database.read() as session:
        rows = (await session.scalars(_claims(account_id))).all()
    claims = [Claim(row.id, row.uuid, row.host, row.created_at, _token(key, row.uuid)) for row in rows]
    return sorted(claims, key=lambda claim: claim.host)


async def find_claim(database: Database, account_id: int, host: str) -> Claim | None:
    """The unproven domain of an account with a host name, with or without ``www.``; else None."""
    name = bare_host(host)
    return next((claim for claim in await claims_of(database, account_id) if claim.host == name), None)


async def confirm(database: Database, claim: Claim) -> None:
    """Make a domain the account's: its proof was found. Raises UserError where another account has it."""
    try:
        async with database.write() as session:
            domain = await session.get(Domain, claim.id, with_for_update=True)
            if domain is None:
                raise ConflictError(f"{claim.host} was removed meanwhile")
            domain.verified_at = domain.verified_at or now()
    except IntegrityError:
        raise ConflictError(
            f"another account of this server has {claim.host}; its owner can share it with you, "
            "and whoever runs the server can remove it there"
        ) from None


async def withdraw(database: Database, claim: Claim) -> None:
    """Remove an unproven domain."""
    unproven = (Domain.id == claim.id) & Domain.verified_at.is_(None)
    async with database.write() as session:
        await session.execute(delete(Domain).where(unproven))


def _claims(account_id: int) -> Select[Domain]:
    owned = (Membership.domain_id == Domain.id) & (Membership.account_id == account_id)
    return (
        select(Domain)
        .join(Membership, owned & (Membership.role == "owner"))
        .where(Domain.verified_at.is_(None))
    )


def _token(key: bytes, uuid: UUID) -> str:
    """Each claim's own: what one account publishes proves nothing for another. 128 bits of an HMAC."""
    return "crawlight-" + hmac.digest(key, uuid.bytes, "sha256").hex()[:32]
