"""The installation's secrets: made once at random, the same for all processes on one database."""

import secrets
from typing import Final

from sqlalchemy import select

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Secret

NAMES: Final = ("claims", "cookies", "front")
"""The secrets that pages and the front need."""


async def make_secrets(database: Database) -> None:
    """Make what is missing, so that no page waits for writers, or fails on a full disk."""
    for name in NAMES:
        await secret(database, name)


async def secret(database: Database, name: str, kept: bytes | None = None) -> bytes:
    """The 32 random bytes of that name; whoever asks first makes them. Those that exist wait for no writer.

    ``kept`` is what they are, where they were kept elsewhere before.
    """
    query = select(Secret.value).where(Secret.name == name)
    async with database.read() as session:
        known = await session.scalar(query)
    if known is not None:
        return known
    async with database.write() as session:
        made = insert_into(session, Secret).values(name=name, value=kept or secrets.token_bytes(32))
        await session.execute(made.on_conflict_do_nothing(index_elements=[Secret.name]))
        value: bytes = await session.scalar(query) or b""
    return value
