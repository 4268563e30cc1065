"""The import of one access log into one domain: every line counted once, however often the file is given."""

import asyncio
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from crawlight.bots.identity import Identity
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains import imports
from crawlight.domains.imports import ImportedFile
from crawlight.errors import UserError
from crawlight.events.store import EventsStore
from crawlight.ingest.handover import new_run, segment_name, settle
from crawlight.ingest.importers import choose_format
from crawlight.ingest.importers.format import Format
from crawlight.ingest.reading import CHUNK_BYTES, TAIL_BYTES, Log, fingerprint, open_log, same_start
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Staging
from crawlight.kit import clock

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""

_SIDE_BY_SIDE = 3
_SEGMENT_BYTES = 8 * 1024 * 1024
_SHOWN_REJECTED = 5

Progress = Callable[[int, int], None]
"""Called with the bytes of the file read so far, and its size (0 where that is not known)."""


class Imported(msgspec.Struct, frozen=True):
    """What became of one file."""

    file: str
    format: str
    staged: Staged
    already: int
    """Lines that earlier imports had counted."""


class Importer:
    """Imports files one after the other. The caller holds the import lock."""

    def __init__(
        self,
        database: Database,
        spool: Spool,
        store: EventsStore,
        identity: Identity,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        """``store`` only parses here, so any will do: the records take the way through the spool."""
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
        progress: Progress = lambda _read, _size: None,
    ) -> Imported:
        """Import what is new in a log. Raises UserError, and changes nothing, where it is none or broken."""
        with open_log(path) as log:
            if not log.sample().strip():
                return Imported(log.name, "empty", Staged(), 0)
            chosen = choose_format(log_format, log.name, log.sample())
            known = await self._known(target.domain_id, log.sample())
            entry = _entry(target.domain_id, log.sample(), chosen, known)
            tail = _same_so_far(log, entry.offset, known)
            already = entry.lines
            staging = Staging(self._store, chosen, target, self._identity)
            try:
                staged = await self._stage(log, entry, tail, chosen, staging, progress)
                await self._note(entry, known, staged)
            finally:
                # Publishes what was noted and discards what was not, as after a crash.
                await settle(self._spool, self._database)
        return Imported(log.name, chosen.title, staged, already)

    async def _known(self, domain_id: int, sample: bytes) -> ImportedFile | None:
        async with self._database.read() as session:
            files = await imports.of_domain(session, domain_id)
        same = [file for file in files if same_start(file.fingerprint, sample)]
        return max(same, key=lambda file: file.offset, default=None)

    async def _stage(
        self, log: Log, entry: ImportedFile, tail: bytes, chosen: Format, staging: Staging, progress: Progress
    ) -> Staged:
        """Prepare the records of a log, three chunks at a time; move ``entry`` on to where the file was read."""
        total = Staged()
        segments = _Segments(self._spool, entry.run, entry.domain_id)
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
        entry.tail = _digest(tail)
        return total

    async def _note(self, entry: ImportedFile, known: ImportedFile | None, staged: Staged) -> None:
        if staged.lines:
            async with self._database.write() as session:
                await imports.put(session, entry, known)


class _Segments:
    """Gathers the records of chunks into segments of a size that the events store likes to insert."""

    def __init__(self, spool: Spool, run: str, domain_id: int) -> None:
        self._spool = spool
        self._run = run
        self._domain_id = domain_id
        self._number = self._rows = self._size = 0
        self._blocks: list[bytes] = []
        self._pages: set[str] = set()

    def add(self, block: bytes, rows: int, pages: set[str]) -> None:
        """Add a block of records; blocks in Native format can stand one after the other."""
        self._blocks.append(block)
        self._pages |= pages
        self._rows += rows
        self._size += len(block)
        if self._size > _SEGMENT_BYTES:
            self.close()

    def close(self) -> None:
        """Prepare what was gathered."""
        if self._rows:
            name, pages = segment_name(self._run, self._number), {self._domain_id: self._pages}
            self._spool.prepare(name, b"".join(self._blocks), self._rows, pages)
        self._number += 1
        self._rows = self._size = 0
        self._blocks.clear()
        self._pages.clear()


def _same_so_far(log: Log, offset: int, known: ImportedFile | None) -> bytes:
    """Go to where the import ended before; answer the bytes before it. Raises UserError for another file."""
    tail = log.skip(offset)
    if known is not None and _digest(tail) != known.tail:
        raise UserError(
            f"{log.name} begins like a log that was imported before, but it is shorter or differs from it before"
            f" byte {offset:,}: an older copy, or an edited one? Nothing of it was counted"
        )
    return tail


def _digest(tail: bytes) -> str:
    return hashlib.sha256(tail).hexdigest()


def _entry(domain_id: int, sample: bytes, chosen: Format, known: ImportedFile | None) -> ImportedFile:
    return ImportedFile(
        domain_id=domain_id,
        fingerprint=fingerprint(sample),
        format=chosen.name,
        offset=known.offset if known else 0,
        lines=known.lines if known else 0,
        tail=known.tail if known else _digest(b""),
        run=new_run(),
        updated_at=clock.now(),
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
