"""Domains and who may do what with them, as the operator sees them: add, share, find, list."""

from collections.abc import Collection
from typing import Literal

from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from crawlight.accounts.people import find_account
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, ForgottenDomain, Membership
from crawlight.domains.hosts import domain_host, domain_origin, new_domain_host
from crawlight.domains.listing import QUERY, ListedDomain, listed
from crawlight.errors import ConflictError, UserError
from crawlight.ids import DomainId
from crawlight.kit.clock import now


async def add_domain(database: Database, host: str, owner: str, *, origin: str | None = None) -> Domain:
    """Add a domain for the account ``owner`` (e-mail address), verified at once because the operator asks.

    Raises UserError for a bad host or origin, an unknown account, or a host that somebody owns already.
    """
    account = await find_account(database, owner)
    moment = now()
    domain = Domain(host=new_domain_host(host), created_at=moment, verified_at=moment)
    domain.origin = None if origin is None else domain_origin(origin)
    try:
        async with database.write() as session:
            session.add(domain)
            await session.flush()
            session.add(Membership(domain_id=domain.id, account_id=account.id, role="owner"))
    except IntegrityError:
        raise ConflictError(await _taken(database, domain.host)) from None
    return domain


async def share_domain(
    database: Database, host: str, email: str, role: Literal["manager", "viewer"]
) -> Domain:
    """Let another account manage or view a domain, or change its role.

    Raises UserError for an unknown domain or account, and for the owner's own.
    """
    domain = await find_domain(database, host)
    account = await find_account(database, email)
    async with database.write() as session:
        member = await session.get(Membership, (domain.id, account.id), with_for_update=True)
        if member is None:
            session.add(Membership(domain_id=domain.id, account_id=account.id, role=role))
        elif member.role == "owner":
            raise ConflictError(f"{account.email} owns {domain.host}")
        else:
            member.role = role
    return domain


async def unshare_domain(database: Database, host: str, email: str) -> Domain:
    """Take a domain from an account. Raises UserError for an unknown domain or account, and for its owner."""
    domain = await find_domain(database, host)
    account = await find_account(database, email)
    async with database.write() as session:
        member = await session.get(Membership, (domain.id, account.id), with_for_update=True)
        if member is None:
            raise UserError(f"{domain.host} is not shared with {account.email}")
        if member.role == "owner":
            raise ConflictError(f"{account.email} owns {domain.host}")
        await session.delete(member)
    return domain


async def verify_domain(database: Database, host: str, owner: str) -> Domain:
    """Verify what the account ``owner`` (e-mail address) added, because the operator says so.

    Raises UserError where the account has no such domain, or another account has it verified.
    """
    account = await find_account(database, owner)
    claims = select(Domain).join(Membership, Membership.domain_id == Domain.id)
    mine = (Membership.account_id == account.id) & (Membership.role == "owner")
    name = domain_host(host)
    try:
        async with database.write() as session:
            domain = await session.scalar(claims.where(mine, Domain.host == name).with_for_update())
            if domain is None:
                raise UserError(f"{account.email} has added no domain {name}")
            domain.verified_at = domain.verified_at or now()
    except IntegrityError:
        raise ConflictError(await _taken(database, name)) from None
    return domain


async def remove_domain(database: Database, host: str) -> str:
    """Remove a verified domain with all that hangs on it; answers its host. Raises UserError for an unknown one.

    A note of it lets the server remove its records from the events store, too (`forgetting`).
    """
    domain = await find_domain(database, host)
    note = ForgottenDomain(domain_id=domain.id, host=domain.host, forgotten_at=now())
    async with database.write() as session:
        session.add(note)
        await session.execute(delete(Domain).where(Domain.id == domain.id))
    return domain.host


async def find_domain(database: Database, host: str) -> Domain:
    """The verified domain of a host name, with or without ``www.``. Raises UserError where there is none."""
    name = domain_host(host)
    query = select(Domain).where(Domain.host == name, Domain.verified_at.is_not(None))
    async with database.read() as session:
        domain = await session.scalar(query)
    if domain is None:
        raise UserError(
            f"there is no domain {name}", cli=f"add it with `crawlight domain add {name} --owner EMAIL`"
        )
    return domain


async def set_retention(database: Database, host: str, days: int | None, months: int | None) -> Domain:
    """Set how many days a domain's single crawls are kept, and months its numbers; None is as the settings say.

    Raises UserError for an unknown domain, or a time out of bounds.
    """
    if days is not None and not 1 <= days <= 3660:
        raise UserError("single crawls are kept for 1 to 3660 days")
    if months is not None and not 1 <= months <= 120:
        raise UserError("numbers are kept for 1 to 120 months")
    domain = await find_domain(database, host)
    async with database.write() as session:
        session.add(domain)
        domain.retention_days, domain.retention_months = days, months
    return domain


async def existing(database: Database, ids: Collection[int]) -> set[DomainId]:
    """Those of the given domain ids that are there, verified or not."""
    async with database.read() as session:
        return set(await session.scalars(select(Domain.id).where(Domain.id.in_(ids))))


async def hosts_of(database: Database, ids: Collection[DomainId]) -> dict[DomainId, str]:
    """The host of each of the given domains that are there."""
    async with database.read() as session:
        rows = await session.execute(select(Domain.id, Domain.host).where(Domain.id.in_(ids)))
        return {row.id: row.host for row in rows}


async def list_domains(database: Database) -> list[ListedDomain]:
    """All domains with their members, by host."""
    async with database.read() as session:
        return listed((await session.execute(text(QUERY))).all())


async def describe_domain(database: Database, domain: Domain) -> ListedDomain:
    """One domain with its members."""
    return next(one for one in await list_domains(database) if one.uuid == domain.uuid)


async def _taken(database: Database, host: str) -> str:
    query = (
        select(Account.email)
        .join(Membership, (Membership.account_id == Account.id) & (Membership.role == "owner"))
        .join(Domain, Domain.id == Membership.domain_id)
        .where(Domain.host == host, Domain.verified_at.is_not(None))
    )
    async with database.read() as session:
        return f"{host} is already there, owned by {await session.scalar(query)}"
