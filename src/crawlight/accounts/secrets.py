"""The installation's secrets: made once at random, the same for all processes on one database."""

import secrets

from sqlalchemy import select

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import Secret


async def secret(database: Database, name: str) -> bytes:
    """The 32 random bytes of that name; whoever asks first makes them."""
    async with database.write() as session:
        made = insert_into(session, Secret).values(name=name, value=secrets.token_bytes(32))
        await session.execute(made.on_conflict_do_nothing(index_elements=[Secret.name]))
        value: bytes = await session.scalar(select(Secret.value).where(Secret.name == name)) or b""
    return value
