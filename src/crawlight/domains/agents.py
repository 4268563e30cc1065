"""What the people of a domain chose for AI agents and crawlers: Markdown, and the uses that they allow."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.bots.catalogue import load
from crawlight.database.engine import Database
from crawlight.database.tables import AgentSettings as Row
from crawlight.domains.signals import UNSAID, Signals
from crawlight.errors import UserError
from crawlight.ids import DomainId

MOST_NAMES: Final = 100


class AgentSettings(msgspec.Struct, frozen=True):
    """All of them. ``no_markdown_for`` are names of agents that get HTML though ``markdown`` is on.

    ``canonical_redirects`` leads crawlers that come for AI training to the canonical page. ``indexnow_key`` is empty
    where search engines are told nothing (`domains.indexnow` switches it).
    """

    markdown: bool = True
    no_markdown_for: tuple[str, ...] = ()
    signals: Signals = UNSAID
    canonical_redirects: bool = False
    indexnow_key: str = ""

    def gives_markdown(self, agent: str) -> bool:
        """Say whether an agent that asks for Markdown gets it."""
        return self.markdown and agent not in self.no_markdown_for


DEFAULTS: Final = AgentSettings()


async def read_agents(database: Database, domain_id: DomainId) -> AgentSettings:
    """The settings of a domain: the defaults until somebody changes one."""
    async with database.read() as session:
        row = await session.get(Row, domain_id)
    return agents_of(row)


def agents_of(row: Row | None) -> AgentSettings:
    """The settings that a row holds."""
    if row is None:
        return DEFAULTS
    return msgspec.convert(
        {name: getattr(row, name) for name in AgentSettings.__struct_fields__}, AgentSettings
    )


async def change_agents(database: Database, domain_id: DomainId, **changes: Any) -> AgentSettings:
    """Change settings by name, and none of them where one is wrong: UserError says which and why.

    Effective in every process within a second. What a hosted robots.txt says of signals is not changed
    (`hosting.change_agents`).
    """
    async with database.write() as session:
        return await change_agents_in(session, domain_id, **changes)


async def signals_in(session: AsyncSession, domain_id: DomainId) -> Signals:
    """The signals of a domain, within what is written of it."""
    return agents_of(await session.get(Row, domain_id)).signals


async def change_agents_in(session: AsyncSession, domain_id: DomainId, **changes: Any) -> AgentSettings:
    """The same within what else is written of the domain."""
    row = await session.get(Row, domain_id, with_for_update=True)
    after = msgspec.structs.replace(agents_of(row), **changes)
    after = msgspec.structs.replace(after, no_markdown_for=_names(after.no_markdown_for))
    if row is None:
        row = Row(domain_id=domain_id)
        session.add(row)
    for name, chosen in msgspec.to_builtins(after).items():
        setattr(row, name, chosen)
    return after


def _names(given: Iterable[str]) -> tuple[str, ...]:
    """Names of agents as the catalogue writes them. Raises UserError for others."""
    known = {agent.name.casefold(): agent.name for agent in load().agent}
    names = tuple(dict.fromkeys(known.get(name.strip().casefold(), "") for name in given))
    if "" in names:
        wrong = next(name for name in given if name.strip().casefold() not in known)
        raise UserError(f"{wrong[:40]!r} is no agent that Crawlight knows", cli="`crawlight bots` lists them")
    if len(names) > MOST_NAMES:
        raise UserError(f"a list has up to {MOST_NAMES} names")
    return names
