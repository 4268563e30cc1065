"""The monthly quota of an account: reserved before the work, given back where the work fails."""

import math
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, update

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Usage
from crawlight.kit.clock import now


class Reservation(msgspec.Struct, frozen=True):
    """One call that was counted, in the month (``YYYY-MM``, UTC) in which it was."""

    account_id: int
    month: str


async def reserve(database: Database, account_id: int, limit: int) -> Reservation | None:
    """Count one call of this month, exactly whoever else calls; None where ``limit`` calls are used up."""
    if limit < 1:
        return None
    month = _month(now())
    async with database.write() as session:
        # One statement: nobody can come between looking and counting.
        insert = insert_into(session, Usage).values(account_id=account_id, month=month, used=1)
        count = insert.on_conflict_do_update(
            index_elements=[Usage.account_id, Usage.month],
            set_={"used": Usage.used + 1},
            where=Usage.used < limit,
        )
        counted = await session.scalar(count.returning(Usage.used))
    return None if counted is None else Reservation(account_id, month)


async def give_back(database: Database, reservation: Reservation) -> None:
    """Undo a reservation, in its own month. Call it once."""
    mine = (Usage.account_id == reservation.account_id) & (Usage.month == reservation.month)
    async with database.write() as session:
        await session.execute(update(Usage).where(mine).values(used=Usage.used - 1))


async def usage(database: Database, account_id: int) -> int:
    """Calls that an account has used in this month."""
    mine = (Usage.account_id == account_id) & (Usage.month == _month(now()))
    async with database.read() as session:
        return await session.scalar(select(Usage.used).where(mine)) or 0


def seconds_to_next_month() -> int:
    """Whole seconds until the UTC calendar month turns, at least 1."""
    moment = now()
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    turn = (first + timedelta(days=32)).replace(day=1)
    return math.ceil((turn - moment).total_seconds())


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"
