"""The import of an access log into one domain or several: every line counted once, however often it is given."""

import asyncio
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
from crawlight.ingest.staging import Staging
from crawlight.ingest.work import SIDE_BY_SIDE, Work

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""


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
        """Import what is new for some domains. Where it is cancelled, what was read until then counts."""
        tail = go_on(log, part)
        entry, already = entry_of(part, log.sample(), chosen.format, target), part.lines
        try:
            with Staging(self._store, chosen.format, part.of(target), self._identity) as staging:
                work = Work(staging, Segments(self._spool, entry.run), self._store, entry.lines)
                cancelled = await self._stage(log, entry, tail, chosen.format, work, progress)
            await asyncio.to_thread(self._store.wait)
            await self._note(entry, part, work.total)
        finally:
            # Publishes what was noted and discards what was not, as after a crash.
            if self._spool:
                await settle(self._spool, self._database)
        if cancelled:
            raise asyncio.CancelledError
        return Imported(log.name, chosen.format.title, work.total, already, chosen.why, part.domains)

    async def _stage(
        self, log: Log, entry: ImportedFile, tail: bytes, chosen: Format, work: Work, progress: Progress
    ) -> bool:
        """Prepare the records of a log; move ``entry`` on to where it was read. Answers whether it was cancelled."""
        cancelled = False
        try:
            try:
                for chunk in log.chunks(chosen.recognises, self._chunk_bytes, SIDE_BY_SIDE):
                    entry.offset += len(chunk)
                    tail = (tail + bytes(chunk[-TAIL_BYTES:]))[-TAIL_BYTES:]
                    await work.give(chunk)
                    progress(log.position(), log.size)
            except asyncio.CancelledError:
                cancelled = True
            await work.finish()
        finally:
            await work.wait()
        entry.lines += work.total.lines
        entry.tail = digest(tail)
        return cancelled

    async def _note(self, entry: ImportedFile, part: Part, staged: Staged) -> None:
        if staged.lines and self._spool:
            await note(self._database, entry, part)


def is_empty(sample: bytes) -> bool:
    """Say whether a log that starts so has no line but empty ones and headers."""
    lines = sample.splitlines()
    return len(sample) < SAMPLE_BYTES and not any(
        line.strip() and not line.startswith(b"#") for line in lines
    )
