"""Files of a domain that are hosted here: saved, left to the site again, and made of what they depend on.

A file is the site's own until somebody has it hosted. Apart from `hosted`, which edges load.
"""

import gzip
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database
from crawlight.database.tables import HostedContent, HostedFile, HostedMode
from crawlight.domains import robots_checks, robots_versions
from crawlight.domains.agents import AgentSettings, change_agents_in, read_agents
from crawlight.domains.hosted import NAMES, ROBOTS
from crawlight.domains.robots_signals import in_robots_txt
from crawlight.domains.rule_checks import Wrong, told
from crawlight.domains.signals import Signals
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.clock import now


class Hosted(msgspec.Struct, frozen=True):
    """A file that is hosted: its ``text`` as it was saved, empty where it is made."""

    mode: HostedMode
    text: str
    saved_at: datetime


async def hosted(database: Database, domain_id: DomainId, name: str) -> Hosted | None:
    """How a file is hosted; None where it is the site's own."""
    async with database.read() as session:
        row = await session.get(HostedFile, (domain_id, known(name)))
    return Hosted(row.mode, _text(row), row.saved_at) if row else None


async def host_text(database: Database, domain_id: DomainId, name: str, text: str) -> None:
    """Have a text sent for a file; effective everywhere within a second.

    Raises UserError with each line that is wrong, and changes nothing then.
    """
    if wrong := _CHECKS[known(name)](text):
        raise UserError(wrong)
    signals = (await read_agents(database, domain_id)).signals
    async with database.write() as session:
        await _keep(session, domain_id, name, "text", text)
        await _send_text(session, domain_id, name, text, signals)


async def leave_to_site(database: Database, domain_id: DomainId, name: str) -> bool:
    """Have the site answer for a file itself; answers whether it was hosted."""
    of_file = (HostedContent.domain_id == domain_id, HostedContent.name == known(name))
    async with database.write() as session:
        row = await session.get(HostedFile, (domain_id, name))
        if row is None:
            return False
        await session.delete(row)
        await session.execute(delete(HostedContent).where(*of_file))
    return True


async def change_agents(database: Database, domain_id: DomainId, **changes: object) -> AgentSettings:
    """As `agents.change_agents`, and a hosted robots.txt says the signals that are chosen then."""
    async with database.write() as session:
        settings = await change_agents_in(session, domain_id, **changes)
        row = await session.get(HostedFile, (domain_id, ROBOTS))
        if row is not None:
            await _send_text(session, domain_id, ROBOTS, _text(row), settings.signals)
    return settings


async def send(session: AsyncSession, domain_id: DomainId, name: str, contents: Mapping[str, bytes]) -> None:
    """Have contents sent for the paths of a file, and nothing else; what is so already is left alone."""
    of_file = (HostedContent.domain_id == domain_id, HostedContent.name == name)
    await session.execute(delete(HostedContent).where(*of_file, HostedContent.path.not_in(contents)))
    for path, content in contents.items():
        digest = blake2b(content, digest_size=16).digest()
        row = await session.get(HostedContent, (domain_id, path))
        if row is not None and row.hash == digest:
            continue
        packed = {"hash": digest, "size": len(content), "content": gzip.compress(content, mtime=0)}
        await session.merge(HostedContent(domain_id=domain_id, path=path, name=name, **packed))


def known(name: str) -> str:
    """The name of a file that can be hosted. Raises UserError for others."""
    if name not in NAMES:
        raise UserError(f"{name[:40]!r} cannot be hosted; {', '.join(NAMES)} can")
    return name


async def _keep(session: AsyncSession, domain_id: DomainId, name: str, mode: HostedMode, text: str) -> None:
    packed = zlib.compress(text.encode())
    await session.merge(HostedFile(domain_id=domain_id, name=name, mode=mode, text=packed, saved_at=now()))


async def _send_text(
    session: AsyncSession, domain_id: DomainId, name: str, text: str, signals: Signals
) -> None:
    """Have a text sent: a robots.txt with the domain's signals, and as a version of it."""
    content = (in_robots_txt(text, signals) if name == ROBOTS else text).encode()
    await send(session, domain_id, name, {f"/{name}": content})
    if name == ROBOTS:
        await robots_versions.save(session, domain_id, content)


def _text(row: HostedFile) -> str:
    return zlib.decompress(row.text).decode()


def _about_robots(text: str) -> str:
    return told(Wrong(one.line, one.reason) for one in robots_checks.findings(text) if one.weight == "error")


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {ROBOTS: _about_robots}
