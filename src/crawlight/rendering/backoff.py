"""Back-off from origins that ask for it: after 429 or 503 only pages that a crawler waits for are rendered.

It holds for all workers on the database, whichever of them was asked: `domains.wanted` heeds it.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from crawlight.database.engine import Database
from crawlight.database.tables import OriginPause
from crawlight.ids import DomainId
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line

_ASKS: Final = frozenset({429, 503})
_FIRST_SECONDS: Final = 15
_LONGEST_SECONDS: Final = 3_600

log = structlog.get_logger(__name__)


class OriginBackoff:
    """Which domains are left alone for now. A pause doubles as long as the origin keeps asking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, domain_id: DomainId, status: int, retry_after: str) -> float:
        """Note how the origin answered; gives the seconds of its pause, 0 where it asks for none."""
        if status not in _ASKS:
            return 0
        try:
            return await self._longer(domain_id, seconds_of(retry_after))
        except SQLAlchemyError as error:
            log.warning("origin_pause_not_noted", reason=first_line(error))
            return _FIRST_SECONDS

    async def _longer(self, domain_id: DomainId, asked: float) -> float:
        async with self._database.write() as session:
            row = await session.get(OriginPause, domain_id, with_for_update=True)
            if row is None:
                row = OriginPause(domain_id=domain_id, seconds=_FIRST_SECONDS)
                session.add(row)
            else:
                row.seconds = min(2 * row.seconds, _LONGEST_SECONDS)
            pause = min(max(row.seconds, asked), _LONGEST_SECONDS)
            row.asked_at = now()
            row.until = row.asked_at + timedelta(seconds=pause)
        return pause

    async def forget(self, domain_id: DomainId, began: datetime) -> None:
        """The origin answered a render that began at a moment.

        One that began before the origin asked for a pause says nothing against it.
        """
        over = (OriginPause.domain_id == domain_id, OriginPause.asked_at <= began)
        with suppress(SQLAlchemyError):  # The next answer ends it, too.
            async with self._database.read() as session:
                if await session.scalar(select(OriginPause.domain_id).where(*over)) is None:
                    return
            async with self._database.write() as session:
                await session.execute(delete(OriginPause).where(*over))


def seconds_of(retry_after: str) -> float:
    """The seconds that a ``Retry-After`` asks for, as a number or a date; 0 where it says nothing readable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - time.time(), 0)
