"""The import of an access log into one domain or several: every line counted once, however often it is given."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from crawlight.bots.identity import Identity
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains.imports import ImportedFile
from crawlight.errors import UserError
from crawlight.events.store import EventsStore
from crawlight.ingest.handover import segment_name, settle
from crawlight.ingest.importers import Chosen, choose_format
from crawlight.ingest.importers.format import Format
from crawlight.ingest.known import Part, digest, entry_of, go_on, note, parts_of
from crawlight.ingest.reading import CHUNK_BYTES, SAMPLE_BYTES, TAIL_BYTES, Log, open_log
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Staging

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""

_SIDE_BY_SIDE = 3
_SEGMENT_BYTES = 8 * 1024 * 1024
_SHOWN_REJECTED = 5

Progress = Callable[[int, int], None]
"""Called with the bytes of the file read so far, and its size (0 where that is not known)."""


class Imported(msgspec.Struct, frozen=True):
    """What became of one file, in one domain or several."""

    file: str
    format: str
    staged: Staged
    already: int
    """Lines that earlier imports had counted."""
    why: str = ""
    """Why it was read in this format."""
    domains: Mapping[str, int] = msgspec.field(default_factory=dict)
    """The domains, and their numbers."""


class Importer:
    """Imports files one after the other. The caller holds the import lock."""

    def __init__(
        self,
        database: Database,
        spool: Spool | None,
        store: EventsStore,
        identity: Identity,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        """Without a spool all is counted and nothing written.

        ``store`` only parses here, so any will do: the records take the way through the spool.
        """
        self._identity = identity
        self._database = database
        self._spool = spool
        self._store = store
        self._chunk_bytes = chunk_bytes

    async def import_file(
        self,
        path: str,
        target: Target,
        log_format: str = "auto",
        keys: Mapping[str, str] | None = None,
        progress: Progress = lambda _read, _size: None,
    ) -> list[Imported]:
        """Import what is new in a log: mostly at once, but domains that have read it this far and that far in turns.

        Raises UserError, and changes nothing, where it is no log or broken.
        """
        with open_log(path) as log:
            sample = log.sample()
            if is_empty(sample):
                return [Imported(log.name, "empty", Staged(), 0)]
            chosen = choose_format(log_format, log.name, sample, keys)
            if not chosen.format.hosts and not target.hostless:
                raise UserError(
                    f"{log.name} is {chosen.format.title}, which names no hosts: say --domain HOST"
                )
            parts = await parts_of(self._database, target, log)
            if path == "-" and len(parts) > 1:
                raise UserError(
                    "parts of this log were imported before; give it as a file, to be read in turns"
                )
            results = [await self._import(log, chosen, parts[0], target, progress)]
        for part in parts[1:]:
            with open_log(path) as log:
                log.sample()
                results.append(await self._import(log, chosen, part, target, progress))
        return results

    async def _import(
        self, log: Log, chosen: Chosen, part: Part, target: Target, progress: Progress
    ) -> Imported:
        """Import what is new for some domains."""
        tail = go_on(log, part)
        entry, already = entry_of(part, log.sample(), chosen.format, target), part.lines
        staging = Staging(self._store, chosen.format, part.of(target), self._identity)
        try:
            staged = await self._stage(log, entry, tail, chosen.format, staging, progress)
            await self._note(entry, part, staged)
        finally:
            # Publishes what was noted and discards what was not, as after a crash.
            if self._spool:
                await settle(self._spool, self._database)
        return Imported(log.name, chosen.format.title, staged, already, chosen.why, part.domains)

    async def _stage(
        self, log: Log, entry: ImportedFile, tail: bytes, chosen: Format, staging: Staging, progress: Progress
    ) -> Staged:
        """Prepare the records of a log, three chunks at a time; move ``entry`` on to where the file was read."""
        total = Staged()
        segments = _Segments(self._spool, entry.run)
        running: deque[asyncio.Future[tuple[Staged, bytes]]] = deque()

        async def take() -> None:
            staged, block = await running.popleft()
            total.add(staged, _SHOWN_REJECTED)
            segments.add(block, staged.records(), staged.pages)

        with _memory_files(_SIDE_BY_SIDE) as files:
            try:
                for number, chunk in enumerate(log.chunks(chosen.recognises, self._chunk_bytes)):
                    # The chunk before these three is taken, so its file is written over.
                    file = files[number % _SIDE_BY_SIDE]
                    _write_over(file, chunk.data)
                    running.append(asyncio.ensure_future(self._store.run(staging.stage, file, chunk.lines)))
                    entry.offset += len(chunk.data)
                    tail = (tail + bytes(chunk.data[-TAIL_BYTES:]))[-TAIL_BYTES:]
                    progress(log.position(), log.size)
                    if len(running) == _SIDE_BY_SIDE:
                        await take()
                while running:
                    await take()
            finally:
                await asyncio.gather(*running, return_exceptions=True)
        segments.close()
        entry.lines += total.lines
        entry.tail = digest(tail)
        return total

    async def _note(self, entry: ImportedFile, part: Part, staged: Staged) -> None:
        if staged.lines and self._spool:
            await note(self._database, entry, part)


class _Segments:
    """Gathers the records of chunks into segments of a size that the events store likes to insert."""

    def __init__(self, spool: Spool | None, run: str) -> None:
        self._spool = spool
        self._run = run
        self._number = self._rows = self._size = 0
        self._blocks: list[bytes] = []
        self._pages: dict[int, set[str]] = {}

    def add(self, block: bytes, rows: int, pages: Mapping[int, set[str]]) -> None:
        """Add a block of records; blocks in Native format can stand one after the other."""
        self._blocks.append(block)
        for domain_id, paths in pages.items():
            self._pages.setdefault(domain_id, set()).update(paths)
        self._rows += rows
        self._size += len(block)
        if self._size > _SEGMENT_BYTES:
            self.close()

    def close(self) -> None:
        """Prepare what was gathered."""
        if self._rows and self._spool:
            name = segment_name(self._run, self._number)
            self._spool.prepare(name, b"".join(self._blocks), self._rows, self._pages)
        self._number += 1
        self._rows = self._size = 0
        self._blocks.clear()
        self._pages = {}


def is_empty(sample: bytes) -> bool:
    """Say whether a log that starts so has no line but empty ones and headers."""
    lines = sample.splitlines()
    return len(sample) < SAMPLE_BYTES and not any(
        line.strip() and not line.startswith(b"#") for line in lines
    )


@contextmanager
def _memory_files(count: int) -> Iterator[list[Path]]:
    """Files that the engine can read by path and that no disk ever holds: they are full of people's addresses."""
    descriptors = [os.memfd_create("crawlight-import") for _ in range(count)]
    try:
        yield [Path(f"/proc/self/fd/{descriptor}") for descriptor in descriptors]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _write_over(path: Path, data: memoryview) -> None:
    # In place: memory that a file gives back and takes anew costs more than the copy.
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
