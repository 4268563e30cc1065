"""The import of an access log into one domain or several: every line counted once, however often it is given."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from crawlight.bots.identity import Identity
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains.imports import ImportedFile
from crawlight.errors import UserError
from crawlight.events.store import EventsStore
from crawlight.ingest.handover import settle
from crawlight.ingest.importers import Chosen, choose_format
from crawlight.ingest.importers.format import Format
from crawlight.ingest.known import Part, digest, entry_of, go_on, note, parts_of
from crawlight.ingest.reading import CHUNK_BYTES, SAMPLE_BYTES, TAIL_BYTES, Log, open_log
from crawlight.ingest.segments import Segments
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Result, Staging

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""

_SIDE_BY_SIDE = 3
_OTHERS_BYTES = 1024 * 1024
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
        try:
            with Staging(self._store, chosen.format, part.of(target), self._identity) as staging:
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
        work = _Work(staging, Segments(self._spool, entry.run), self._store, entry.lines)
        try:
            for chunk in log.chunks(chosen.recognises, self._chunk_bytes, _SIDE_BY_SIDE):
                entry.offset += len(chunk)
                tail = (tail + bytes(chunk[-TAIL_BYTES:]))[-TAIL_BYTES:]
                await work.give(chunk)
                progress(log.position(), log.size)
            await work.finish()
        finally:
            await work.wait()
        entry.lines += work.total.lines
        entry.tail = digest(tail)
        return work.total

    async def _note(self, entry: ImportedFile, part: Part, staged: Staged) -> None:
        if staged.lines and self._spool:
            await note(self._database, entry, part)


class _Work:
    """Has chunks staged side by side, and takes what they come to in their order."""

    def __init__(self, staging: Staging, segments: Segments, store: EventsStore, before: int) -> None:
        """``before`` is the number of lines that are before the first chunk."""
        self.total = Staged()
        self._staging = staging
        self._segments = segments
        self._store = store
        self._before = before
        self._running: deque[asyncio.Future[Result]] = deque()
        self._others: list[tuple[int, bytes]] = []
        self._others_size = 0

    async def give(self, chunk: memoryview) -> None:
        """Begin with a chunk; return when there is room for the next one."""
        self._running.append(asyncio.ensure_future(self._store.run(self._staging.stage, chunk)))
        if len(self._running) == _SIDE_BY_SIDE:
            await self._take()

    async def finish(self) -> None:
        """Do what is left, and prepare the last segment."""
        while self._running:
            await self._take()
        await self._take_others()
        self._segments.close()

    async def wait(self) -> None:
        """Wait for what is running, whatever becomes of it: it reads the buffers."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _take(self) -> None:
        part = await self._running.popleft()
        self._add(part, self._before)
        self._others += [(self._before + number, text) for number, text in part.others]
        self._others_size += sum(len(text) for _, text in part.others)
        self._before += part.total
        if self._others_size > _OTHERS_BYTES:
            await self._take_others()

    async def _take_others(self) -> None:
        """Odd lines are few: read them together, because every reading has its price."""
        if self._others:
            self._add(await self._store.run(self._staging.stage_others, self._others), 0)
            self._others, self._others_size = [], 0

    def _add(self, part: Result, before: int) -> None:
        self.total.add(part.staged, _SHOWN_REJECTED, before)
        self._segments.add(part.records, part.staged.pages)


def is_empty(sample: bytes) -> bool:
    """Say whether a log that starts so has no line but empty ones and headers."""
    lines = sample.splitlines()
    return len(sample) < SAMPLE_BYTES and not any(
        line.strip() and not line.startswith(b"#") for line in lines
    )
