"""Who else may see a domain: its members, invitations, and what only its owner may change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.accounts.links import INVITATION_LASTS, find_link, make_link, use_link
from crawlight.accounts.people import add_account, normal_email, prepared_account
from crawlight.accounts.plans import Plans
from crawlight.accounts.scope import ScopedDomain
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Domain, Link, Membership, Role
from crawlight.errors import ConflictError, UserError
from crawlight.kit.clock import now

SharedRole = Literal["manager", "viewer"]


class Member(msgspec.Struct, frozen=True):
    """One account of a domain."""

    account_id: int
    email: str
    role: Role


class Invitation(msgspec.Struct, frozen=True):
    """One link that was not used yet. ``id`` names it without giving it away; no ``email``: for who has it."""

    id: str
    email: str | None
    role: Role
    expires_at: datetime


class Invited(msgspec.Struct, frozen=True):
    """What became of an invitation: ``token`` of a link, or none where an account got the role at once."""

    email: str | None
    token: str | None


class Joining(msgspec.Struct, frozen=True):
    """What an invitation link offers: ``host`` and ``role`` are none where it only makes an account."""

    email: str | None
    has_account: bool
    host: str | None
    role: Role | None


async def members_of(database: Database, domain: ScopedDomain) -> list[Member]:
    """The accounts of a domain: its owner first, then by address."""
    query = select(Account.id, Account.email, Membership.role).join(
        Membership, Membership.account_id == Account.id
    )
    async with database.read() as session:
        rows = (await session.execute(query.where(Membership.domain_id == domain.id))).all()
    members = [Member(*row) for row in rows]
    return sorted(members, key=lambda member: (member.role != "owner", member.email))


async def invitations_of(database: Database, domain: ScopedDomain) -> list[Invitation]:
    """The invitations to a domain that can still be used, oldest first."""
    query = select(Link).where(Link.domain_id == domain.id, Link.expires_at > now())
    async with database.read() as session:
        links: Sequence[Link] = (await session.scalars(query.order_by(Link.created_at))).all()
    return [Invitation(one.digest.hex(), one.email, one.role or "viewer", one.expires_at) for one in links]


async def invite(
    database: Database, domain: ScopedDomain, made_by: int, email: str, role: SharedRole
) -> Invited:
    """Share with the account of an address at once, or make a link for it, or for anybody where it is empty.

    Raises UserError for a malformed address, and for an account that is a member already.
    """
    address = normal_email(email) if email.strip() else None
    if address is not None and await _share(database, domain, address, role):
        return Invited(address, None)
    values = {"email": address, "domain_id": domain.id, "role": role, "made_by": made_by}
    return Invited(address, await make_link(database, "join", INVITATION_LASTS, **values))  # type: ignore[arg-type]


async def withdraw(database: Database, domain: ScopedDomain, invitation: str) -> None:
    """Make an invitation unusable; one that was used already is fine."""
    async with database.write() as session:
        for link in await session.scalars(select(Link).where(Link.domain_id == domain.id)):
            if link.digest.hex() == invitation:
                await session.delete(link)


async def set_role(database: Database, domain: ScopedDomain, account_id: int, role: SharedRole) -> None:
    """Change what a member may do. Raises UserError for the owner, and for who is no member."""
    async with database.write() as session:
        (await _member(session, domain, account_id)).role = role


async def remove_member(database: Database, domain: ScopedDomain, account_id: int) -> None:
    """Take a domain from a member. Raises UserError for the owner, and for who is no member."""
    async with database.write() as session:
        await session.delete(await _member(session, domain, account_id))


async def what_it_offers(database: Database, token: str) -> Joining | None:
    """What an invitation offers; None where it cannot be used any more."""
    link = await find_link(database, "join", token)
    if link is None:
        return None
    async with database.read() as session:
        host = await session.scalar(select(Domain.host).where(Domain.id == link.domain_id))
        known = await session.scalar(select(Account.id).where(Account.email == link.email))
    return Joining(link.email, known is not None, host, link.role)


async def accept(database: Database, token: str, account: Account) -> str | None:
    """Give an account what an invitation offers; answers the domain's host, if it is about one.

    Raises UserError where it cannot be used any more, is for another address, or gives the account nothing: then it
    can still be used.
    """
    async with database.write() as session:
        link = await use_link(session, "join", token)
        if link.email not in (None, account.email):
            raise UserError(f"this invitation is for {link.email}")
        return await _join(session, link, account)


async def join(
    database: Database, plans: Plans, token: str, email: str, password: str
) -> tuple[Account, str | None]:
    """Make an account by invitation, and give it what that offers; answers the domain's host, too.

    The address of the invitation counts where it names one. Raises UserError as `accept` and `create_account`.
    """
    offer = await what_it_offers(database, token)
    account = await prepared_account(plans, (offer and offer.email) or email, password=password)
    async with database.write() as session:
        link = await use_link(session, "join", token)
        await add_account(session, account)
        return account, await _join(session, link, account)


async def _join(session: AsyncSession, link: Link, account: Account) -> str | None:
    domain = await session.get(Domain, link.domain_id) if link.domain_id else None
    if domain is None:
        return None
    member = await session.get(Membership, (domain.id, account.id))
    if member is None:
        session.add(Membership(domain_id=domain.id, account_id=account.id, role=link.role))
    elif member.role == "viewer" and link.role == "manager":
        member.role = link.role
    else:
        raise ConflictError(f"you are {member.role} of {domain.host} already")
    return domain.host


async def _share(database: Database, domain: ScopedDomain, email: str, role: SharedRole) -> bool:
    """Whether there is an account of the address, which then got the role."""
    async with database.write() as session:
        account_id = await session.scalar(select(Account.id).where(Account.email == email))
        if account_id is None:
            await session.execute(delete(Link).where(Link.domain_id == domain.id, Link.email == email))
            return False
        member = await session.get(Membership, (domain.id, account_id))
        if member is not None:
            raise ConflictError(f"{email} is {member.role} of {domain.host} already")
        session.add(Membership(domain_id=domain.id, account_id=account_id, role=role))
    return True


async def _member(session: AsyncSession, domain: ScopedDomain, account_id: int) -> Membership:
    member = await session.get(Membership, (domain.id, account_id), with_for_update=True)
    if member is None:
        raise UserError("this account is no member of the domain any more")
    if member.role == "owner":
        raise UserError("the owner of a domain cannot be changed")
    return member
