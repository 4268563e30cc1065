"""Work that one of several nodes does for all: a row says when it is due, and who has it in hand.

Whoever has it renews its lease while it works. Where that ends, because a node died or was cut off, another goes on.
The clocks of the nodes are taken to agree within a second or two.
"""

import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, update

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Job
from crawlight.kit.clock import now

_LONGEST_NAME: Final = 48


def new_holder() -> str:
    """A name for who holds leases: the machine and the process, for people, and what makes it the only one."""
    return f"{socket.gethostname()[:_LONGEST_NAME]}:{os.getpid()}:{secrets.token_hex(8)}"


async def seconds_until_due(database: Database, name: str, every: float) -> float:
    """How long until a job may be claimed, 0 where it may be now; one that nobody knows is due after ``every``."""
    async with database.read() as session:
        row = await session.get(Job, name)
    if row is None:
        due = {"name": name, "due_at": now() + timedelta(seconds=every), "runs": 0}
        async with database.write() as session:
            await session.execute(insert_into(session, Job).values(due).on_conflict_do_nothing())
        return every
    free = max(row.due_at, row.lease_until or row.due_at)
    return max((free - now()).total_seconds(), 0)


async def claim(database: Database, name: str, holder: str, seconds: float) -> bool:
    """Take a job that is due in hand for some seconds; answers whether nobody else has it."""
    moment = now()
    free = or_(Job.lease.is_(None), Job.lease_until <= moment)
    mine = update(Job).where(Job.name == name, Job.due_at <= moment, free)
    until = moment + timedelta(seconds=seconds)
    return await _changed(database, mine.values(lease=holder, lease_until=until, runs=Job.runs + 1))


async def renew(database: Database, name: str, holder: str, seconds: float) -> bool:
    """Keep a job in hand for some more seconds; answers whether it still was."""
    mine = update(Job).where(*_held(name, holder))
    return await _changed(database, mine.values(lease_until=now() + timedelta(seconds=seconds)))


async def give_back(database: Database, name: str, holder: str, due_in: float) -> None:
    """Have the job no more in hand; it is due again after some seconds."""
    freed: dict[str, Any] = {"lease": None, "lease_until": None, "due_at": now() + timedelta(seconds=due_in)}
    await _changed(database, update(Job).where(*_held(name, holder)).values(freed))


async def _changed(database: Database, statement: Any) -> bool:
    async with database.write() as session:
        return (await session.scalar(statement.returning(Job.name))) is not None


def _held(name: str, holder: str) -> Sequence[Any]:
    return (Job.name == name, Job.lease == holder)
