"""One-time links: the first account, a new password, an invitation. Whoever holds the token may use it, once."""

import hmac
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.accounts.tokens import digest_of, new_token
from crawlight.database.engine import Database
from crawlight.database.tables import Link, LinkPurpose, Role
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.clock import now

RESET_LASTS: Final = timedelta(hours=1)
OPERATOR_RESET_LASTS: Final = timedelta(days=1)
INVITATION_LASTS: Final = timedelta(days=7)
SETUP_LASTS: Final = timedelta(days=1)

USED_UP: Final = "this link was used, was withdrawn, or is too old"


async def make_link(
    database: Database,
    purpose: LinkPurpose,
    lasts: timedelta,
    *,
    account_id: int | None = None,
    email: str | None = None,
    domain_id: DomainId | None = None,
    role: Role | None = None,
    made_by: int | None = None,
) -> str:
    """Make a link and return its token, the only time that anyone sees it. Members are those of `Link`.

    Removes links that are too old, and all other ``setup`` links where it is one.
    """
    token, moment = new_token(), now()
    link = Link(digest=digest_of(token), purpose=purpose, created_at=moment, expires_at=moment + lasts)
    link.account_id, link.email, link.made_by = account_id, email, made_by
    link.domain_id, link.role = domain_id, role
    old: ColumnElement[bool] = Link.expires_at < moment
    if purpose == "setup":
        old = or_(old, Link.purpose == "setup")
    async with database.write() as session:
        await session.execute(delete(Link).where(old))
        session.add(link)
    return token


async def find_link(database: Database, purpose: LinkPurpose, token: str) -> Link | None:
    """The link of a token that can still be used; None for any other token."""
    async with database.read() as session:
        return await _find(session, purpose, token)


async def use_link(session: AsyncSession, purpose: LinkPurpose, token: str) -> Link:
    """Use a link up, in the transaction that does what it is for. Raises UserError where it cannot be used."""
    link = await _find(session, purpose, token)
    if link is None:
        raise UserError(USED_UP)
    gone = await session.scalar(delete(Link).where(Link.digest == link.digest).returning(Link.digest))
    if gone is None:
        raise UserError(USED_UP)
    return link


async def _find(session: AsyncSession, purpose: LinkPurpose, token: str) -> Link | None:
    digest = digest_of(token)
    link = await session.scalar(select(Link).where(Link.digest == digest, Link.purpose == purpose))
    if link is None or not hmac.compare_digest(link.digest, digest) or link.expires_at < now():
        return None
    return link
