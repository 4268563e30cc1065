"""One number that tells every edge process that what it holds in memory has changed.

Keys, members, domains and their settings are held in memory by edges, which ask for this number instead of all of
it. It is raised in the transaction of the change, whoever makes it: nobody has to remember to.
"""

from typing import Any, Final

from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from crawlight.database.tables import Account, ApiKey, Domain, DomainSettings, Generation, Membership

EDGE: Final = "edge"
_HELD: Final = (Account, ApiKey, Domain, DomainSettings, Membership)
UNHELD: Final = {"crawlight_unheld": True}
"""Execution options of a statement that changes nothing an edge holds, such as when a key was last used."""

_CHANGED = "crawlight_generation"


def watch(session: AsyncSession) -> None:
    """Have the session raise the generation at its end where it changed something that edges hold."""
    event.listen(session.sync_session, "after_flush", _note_flush)
    event.listen(session.sync_session, "do_orm_execute", _note_statement)


async def raise_if_changed(session: AsyncSession) -> bool:
    """Raise the number before the commit of a watched session; answers whether there was a reason to."""
    await session.flush()
    if not session.info.get(_CHANGED):
        return False
    mine = update(Generation).where(Generation.name == EDGE)
    await session.execute(mine.values(value=Generation.value + 1))
    return True


async def generation(session: AsyncSession) -> int:
    """The number as it is now."""
    return await session.scalar(select(Generation.value).where(Generation.name == EDGE)) or 0


def _note_flush(session: Session, _context: Any) -> None:
    if any(isinstance(one, _HELD) for one in (*session.new, *session.dirty, *session.deleted)):
        session.info[_CHANGED] = True


def _note_statement(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if not writes or state.execution_options.get("crawlight_unheld"):
        return
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, _HELD):
        state.session.info[_CHANGED] = True
