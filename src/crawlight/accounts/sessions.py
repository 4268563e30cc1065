"""Sessions: who is signed in, in which browser, until when."""

import hmac
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import OperationalError

from crawlight.accounts.tokens import digest_of, new_token
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Session
from crawlight.kit.clock import now

IDLE: Final = timedelta(days=30)
"""A session that nobody used for so long is over."""
LONGEST: Final = timedelta(days=180)
"""After so long, everybody signs in again."""
_SEEN_NOTED_EVERY: Final = timedelta(minutes=10)
_MOST_USER_AGENT: Final = 300


async def begin_session(database: Database, account_id: int, user_agent: str) -> str:
    """Begin a session and return its token: the only time that anyone has it. Removes those that are over."""
    token, moment = new_token(), now()
    session = Session(digest=digest_of(token), account_id=account_id, created_at=moment, seen_at=moment)
    session.user_agent = user_agent.replace("\0", "")[:_MOST_USER_AGENT]
    over = or_(Session.seen_at < moment - IDLE, Session.created_at < moment - LONGEST)
    async with database.write() as writing:
        await writing.execute(delete(Session).where(over))
        writing.add(session)
    return token


async def find_session(database: Database, token: str) -> tuple[Session, Account] | None:
    """The living session of a token with its account, noted as seen; None for any other token."""
    digest, moment = digest_of(token), now()
    query = select(Session, Account).join(Account, Account.id == Session.account_id)
    async with database.read() as reading:
        row = (await reading.execute(query.where(Session.digest == digest))).one_or_none()
    if row is None or not hmac.compare_digest(row[0].digest, digest):
        return None
    session, account = row
    if session.seen_at < moment - IDLE or session.created_at < moment - LONGEST:
        return None
    if session.seen_at < moment - _SEEN_NOTED_EVERY:
        await _note_seen(database, digest, moment)
    return session, account


async def _note_seen(database: Database, digest: bytes, moment: datetime) -> None:
    """Note when a session was seen, unless somebody writes or the disk is full: looking at a page waits for neither."""
    seen = update(Session).where(Session.digest == digest).values(seen_at=moment)
    with suppress(OperationalError):
        async with database.write(patience=0) as writing:
            await writing.execute(seen)


async def list_sessions(database: Database, account_id: int) -> Sequence[Session]:
    """The living sessions of an account, the last seen first."""
    moment = now()
    living = (Session.seen_at >= moment - IDLE) & (Session.created_at >= moment - LONGEST)
    query = select(Session).where(Session.account_id == account_id, living)
    async with database.read() as reading:
        return (await reading.scalars(query.order_by(Session.seen_at.desc(), Session.digest))).all()


async def end_session(database: Database, account_id: int, digest: bytes) -> None:
    """End one session of an account; one that is over already is fine."""
    mine = (Session.account_id == account_id) & (Session.digest == digest)
    async with database.write() as writing:
        await writing.execute(delete(Session).where(mine))


async def end_sessions(database: Database, account_id: int, *, but: bytes | None = None) -> None:
    """End all sessions of an account, or all but one."""
    mine = Session.account_id == account_id
    async with database.write() as writing:
        await writing.execute(delete(Session).where(mine, Session.digest != (but or b"")))
