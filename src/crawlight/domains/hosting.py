"""Files of a domain that are hosted here: saved, left to the site again, and made of what they depend on.

A file is the site's own until somebody has it hosted. Apart from `hosted`, which edges load.
"""

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from crawlight.database.engine import Database, one_at_a_time
from crawlight.database.tables import Domain, HostedContent, HostedFile, HostedMode, RobotsVersion
from crawlight.domains import pages, robots_checks, robots_versions
from crawlight.domains.agents import AgentSettings, change_agents_in, signals_in
from crawlight.domains.hosted import LLMS, NAMES, ROBOTS, SITEMAP
from crawlight.domains.robots_signals import in_robots_txt, without_written
from crawlight.domains.robots_versions import is_web_page
from crawlight.domains.rule_checks import Wrong, told
from crawlight.domains.signals import Signals
from crawlight.domains.sitemap_checks import pages_of
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.clock import now

MOST_BYTES: Final = 5 * 1024 * 1024
"""Of a sitemap or llms.txt that is hosted as a text."""

_EMPTY: Final = {
    SITEMAP: "it is empty: search engines would find no pages in it",
    LLMS: "it is empty: AI agents would find nothing in it",
}


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
    named = await asyncio.to_thread(_checked, known(name), text, await _host(database, domain_id))
    async with database.write() as session:
        await _alone(session, domain_id)
        signals = await signals_in(session, domain_id)
        await keep(session, domain_id, name, "text", text)
        await _send_text(session, domain_id, name, text, signals)
    if named:
        await pages.learn(database, domain_id, named)


async def version(database: Database, domain_id: DomainId, number: int) -> str | None:
    """The text of a version of robots.txt, to be hosted again; None where it had none, or is not kept.

    One that was saved here comes without the signals that were written into it: they are the domain's to say.
    """
    async with database.read() as session:
        row = await session.get(RobotsVersion, (domain_id, number))
    if row is None or not row.size:
        return None
    text = zlib.decompress(row.content).decode("utf-8", "replace")
    return without_written(text) if row.saved_at else text


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
        await _alone(session, domain_id)
        settings = await change_agents_in(session, domain_id, **changes)
        row = await session.get(HostedFile, (domain_id, ROBOTS))
        if row is not None:
            await _send_text(session, domain_id, ROBOTS, _text(row), settings.signals)
    return settings


async def _alone(session: AsyncSession, domain_id: DomainId) -> None:
    """Be the only one who writes signals or a text that they go into, until the session ends."""
    await one_at_a_time(session, f"hosting {domain_id}")


async def send(session: AsyncSession, domain_id: DomainId, name: str, contents: Mapping[str, bytes]) -> bool:
    """Have contents sent for the paths of a file, and nothing else; answers whether any of them is new."""
    of_file = (HostedContent.domain_id == domain_id, HostedContent.name == name)
    await session.execute(delete(HostedContent).where(*of_file, HostedContent.path.not_in(contents)))
    new = False
    for path, content in contents.items():
        digest = blake2b(content, digest_size=16).digest()
        row = await session.get(HostedContent, (domain_id, path))
        if row is not None and row.hash == digest:
            continue
        packed = await asyncio.to_thread(gzip.compress, content, mtime=0)
        known_by = {"hash": digest, "size": len(content), "content": packed}
        await session.merge(HostedContent(domain_id=domain_id, path=path, name=name, **known_by))
        new = True
    return new


def known(name: str) -> str:
    """The name of a file that can be hosted. Raises UserError for others."""
    if name not in NAMES:
        raise UserError(f"{name[:40]!r} cannot be hosted; {', '.join(NAMES)} can")
    return name


async def keep(session: AsyncSession, domain_id: DomainId, name: str, mode: HostedMode, text: str) -> None:
    """Note how a file is hosted: as a text, or made, without one."""
    packed = await asyncio.to_thread(zlib.compress, text.encode())
    await session.merge(HostedFile(domain_id=domain_id, name=name, mode=mode, text=packed, saved_at=now()))


async def _send_text(
    session: AsyncSession, domain_id: DomainId, name: str, text: str, signals: Signals
) -> None:
    """Have a text sent: a robots.txt with the domain's signals, and as a version of it where it is a new one."""
    content = (in_robots_txt(text, signals) if name == ROBOTS else text).encode()
    new = await send(session, domain_id, name, {f"/{name}": content})
    if new and name == ROBOTS:
        await robots_versions.save(session, domain_id, content)


def _text(row: HostedFile) -> str:
    return zlib.decompress(row.text).decode()


async def _host(database: Database, domain_id: DomainId) -> str:
    async with database.read() as session:
        return (await session.get_one(Domain, domain_id)).host


def _checked(name: str, text: str, host: str) -> list[str]:
    """Canonical paths of the pages that a text names. Raises UserError where it is none of its file."""
    if name == ROBOTS:
        found = robots_checks.findings(text)
        if wrong := told(Wrong(one.line, one.reason) for one in found if one.weight == "error"):
            raise UserError(wrong)
        return []
    size = len(text.encode())
    if size > MOST_BYTES:
        raise UserError(f"it has {size:,} bytes; {MOST_BYTES:,} can be hosted")
    if not text.strip():
        raise UserError(_EMPTY[name])
    if name == SITEMAP:
        return pages_of(text, host)
    if is_web_page(text):
        raise UserError("it is a web page, not an llms.txt")
    return []
