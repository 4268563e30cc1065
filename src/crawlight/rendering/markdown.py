"""The Markdown of snapshots: made when it is first asked for, stored beside the HTML, held in memory beside it."""

import asyncio
from contextlib import suppress
from hashlib import blake2b
from typing import Final

import structlog

from crawlight.kit.confined import TooMuchError
from crawlight.kit.logs import first_line
from crawlight.kit.single_flight import SingleFlight
from crawlight.markdown.text import VERSION, Markdown
from crawlight.rendering.bodies import Bodies, SnapshotStoreError, pack
from crawlight.rendering.memory import Memory, Stored, Written

WAIT_SECONDS: Final = 6.0
"""How long a crawler waits; what is made by then is there for the next one."""
_MOST_REFUSED: Final = 10_000

log = structlog.get_logger(__name__)

Made = tuple[bytes, str]
"""The hash of the HTML, and the page's address, which links in it start from."""


class Markdowns:
    """The Markdown of all snapshots, for one process and one event loop."""

    def __init__(self, bodies: Bodies, memory: Memory) -> None:
        self._bodies = bodies
        self._memory = memory
        self._making: SingleFlight[Made, Written] = SingleFlight()
        self._refused: dict[bytes, None] = {}

    async def of(self, stored: Stored, url: str) -> Written | None:
        """The Markdown of a snapshot and its URL; None where none can be made of it, or not in time."""
        if (held := self._memory.written(stored)) is not None:
            return held
        digest = stored.snapshot.content_hash
        if digest in self._refused:
            return None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                written = await self._making.run((digest, url), lambda: self._made(stored, url))
        except TooMuchError:
            self._refuse(digest)
            return None
        except TimeoutError:
            return None
        self._memory.write(stored, written)
        return written

    async def close(self) -> None:
        """End what is being made."""
        await self._making.close()

    async def _made(self, stored: Stored, url: str) -> Written:
        digest, name = stored.snapshot.content_hash, _name(url)
        text = await self._stored(digest, name)
        if text is None:
            from crawlight.markdown.sparing import markdown_confined  # An edge loads it when it makes some.

            markdown = await markdown_confined(await asyncio.to_thread(stored.body.plain), url)
            text = markdown.text.encode("utf-8", "replace")
            await self._store(digest, name, text)
        markdown = Markdown(text.decode())
        return Written(text, await asyncio.to_thread(pack, text), markdown.tokens, markdown.canonical)

    async def _stored(self, digest: bytes, name: str) -> bytes | None:
        if digest:
            with suppress(SnapshotStoreError):  # Made anew, it is the same.
                return await self._bodies.beside(digest, name)
        return None

    async def _store(self, digest: bytes, name: str, text: bytes) -> None:
        if digest:  # Of a page that is not kept, nothing is.
            try:
                await self._bodies.put_beside(digest, name, text)
            except SnapshotStoreError as error:
                log.warning("markdown_not_stored", reason=first_line(error))

    def _refuse(self, digest: bytes) -> None:
        if len(self._refused) >= _MOST_REFUSED:
            del self._refused[next(iter(self._refused))]
        self._refused[digest] = None


def _name(url: str) -> str:
    """The same HTML at another address is other Markdown, and so is what another version makes of it."""
    return f"{blake2b(url.encode(), digest_size=8).hexdigest()}.md{VERSION}"
