"""One number that tells every edge process that what it holds in memory has changed, and what it was.

Keys, members, domains and their settings are held in memory by edges, which ask for this number instead of all of
it. It is raised in the transaction of the change, whoever makes it, and what changed is noted under it: nobody has to
remember to.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Update, delete, event, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session

from crawlight.database.base import Base
from crawlight.database.tables import (
    Account,
    AgentSettings,
    ApiKey,
    ChangeKind,
    Domain,
    DomainSettings,
    EdgeChange,
    Generation,
    HostedContent,
    Membership,
    RoutingRules,
)

EDGE: Final = "edge"
UNHELD: Final = {"crawlight_unheld": True}
"""Execution options of a statement that changes nothing an edge holds, such as when a key was last used."""

MOST_NOTED: Final = 1_000
"""What changes more at once is noted as a change of all."""

Change = tuple[ChangeKind, int]
"""What changed: the keys of an account, or the members, settings, rules and hosted files of a domain, by id."""

_ALL: Final[Change] = ("all", 0)
_HELD: Final[dict[type[Base], tuple[ChangeKind, InstrumentedAttribute[int]]]] = {
    Account: ("account", Account.id),
    AgentSettings: ("domain", AgentSettings.domain_id),
    ApiKey: ("account", ApiKey.account_id),
    Domain: ("domain", Domain.id),
    DomainSettings: ("domain", DomainSettings.domain_id),
    HostedContent: ("domain", HostedContent.domain_id),
    Membership: ("domain", Membership.domain_id),
    RoutingRules: ("domain", RoutingRules.domain_id),
}
_CHANGED: Final = "crawlight_changes"


def watch(session: AsyncSession) -> None:
    """Have the session raise the generation at its end where it changed something that edges hold."""
    session.info[_CHANGED] = set()
    event.listen(session.sync_session, "after_flush", _note_flush)
    event.listen(session.sync_session, "do_orm_execute", _note_statement)


async def raise_if_changed(session: AsyncSession) -> bool:
    """Raise the number before the commit of a watched session; answers whether there was a reason to."""
    await session.flush()
    changed: set[Change] = session.info[_CHANGED]
    if not changed:
        return False
    mine = update(Generation).where(Generation.name == EDGE).values(value=Generation.value + 1)
    # Nobody else raises it until the commit, so what is seen of it was committed in this order.
    raised = await session.scalar(mine.returning(Generation.value))
    noted = [_ALL] if _ALL in changed or len(changed) > MOST_NOTED else sorted(changed)
    await session.execute(delete(EdgeChange).where(tuple_(EdgeChange.kind, EdgeChange.id).in_(noted)))
    rows = [{"kind": kind, "id": number, "generation": raised} for kind, number in noted]
    await session.execute(insert(EdgeChange), rows)
    return True


async def generation(session: AsyncSession) -> int:
    """The number as it is now."""
    return await session.scalar(select(Generation.value).where(Generation.name == EDGE)) or 0


async def changes_since(session: AsyncSession, seen: int) -> tuple[int, set[Change] | None]:
    """The number as it is now, and what changed since it was ``seen``; None where that may be anything."""
    later = select(Generation.value, EdgeChange.kind, EdgeChange.id)
    later = later.outerjoin(EdgeChange, (EdgeChange.generation > seen) & (Generation.value > seen))
    rows = (await session.execute(later.where(Generation.name == EDGE).limit(MOST_NOTED + 1))).all()
    changed: set[Change] = {(row.kind, row.id) for row in rows if row.kind is not None}
    current = rows[0].value if rows else 0
    known = 0 < seen <= current and _ALL not in changed and len(rows) <= MOST_NOTED
    return current, changed if known else None


def _note_flush(session: Session, _context: Any) -> None:
    for one in (*session.new, *session.dirty, *session.deleted):
        if held := _HELD.get(type(one)):
            session.info[_CHANGED].add((held[0], getattr(one, held[1].key)))


def _note_statement(state: ORMExecuteState) -> None:
    """Note what a statement is about to change: rows by the same condition, anything where it has none."""
    writes = state.is_insert or state.is_update or state.is_delete
    if not writes or state.execution_options.get("crawlight_unheld"):
        return
    held = _HELD.get(state.bind_mapper.class_) if state.bind_mapper is not None else None
    if held is None:
        return
    statement, changed = state.statement, state.session.info[_CHANGED]
    condition = statement.whereclause if isinstance(statement, Update | Delete) else None
    if condition is None:
        changed.add(_ALL)
    else:
        changed.update(_found(state.session, held, condition))


def _found(
    session: Session, held: tuple[ChangeKind, InstrumentedAttribute[int]], condition: ColumnElement[bool]
) -> set[Change]:
    kind, column = held
    return {
        (kind, number) for number in session.scalars(select(column).where(condition).limit(MOST_NOTED + 1))
    }
