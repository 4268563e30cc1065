"""The import of one access log into one domain: every line counted once, however often the file is given."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta

import msgspec

from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains import imports, pages
from crawlight.domains.imports import ImportedFile
from crawlight.events.store import EventsStore
from crawlight.ingest.handover import new_run, segment_name, settle
from crawlight.ingest.importers import choose_format
from crawlight.ingest.importers.format import Format
from crawlight.ingest.reading import CHUNK_BYTES, Log, fingerprint, open_log, same_start
from crawlight.ingest.staging import Staged, Staging, Target
from crawlight.kit import clock

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""

_SIDE_BY_SIDE = 2
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
        self, database: Database, spool: Spool, store: EventsStore, chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        """``store`` only parses here, so any will do: the records take the way through the spool."""
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
            chosen = choose_format(log_format, log.name, log.sample())
            known = await self._known(target.domain_id, log.sample())
            entry = _entry(target.domain_id, log.sample(), chosen, known)
            already = entry.lines
            staging = Staging(self._store, chosen, target)
            try:
                staged = await self._stage(log, entry, chosen, staging, progress)
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
        self, log: Log, entry: ImportedFile, chosen: Format, staging: Staging, progress: Progress
    ) -> Staged:
        """Prepare a segment for each chunk, two at a time; move ``entry`` on to where the file was read."""
        total = Staged()
        running: deque[asyncio.Future[Staged]] = deque()
        try:
            for number, chunk in enumerate(log.chunks(entry.offset, chosen.recognises, self._chunk_bytes)):
                name = segment_name(entry.run, number)
                running.append(asyncio.ensure_future(self._store.run(self._prepare, staging, chunk, name)))
                entry.offset += len(chunk)
                if len(running) == _SIDE_BY_SIDE:
                    total.add(await running.popleft(), _SHOWN_REJECTED)
                progress(log.position(), log.size)
            while running:
                total.add(await running.popleft(), _SHOWN_REJECTED)
        finally:
            await asyncio.gather(*running, return_exceptions=True)
        entry.lines += total.lines
        return total

    def _prepare(self, staging: Staging, chunk: bytes, name: str) -> Staged:
        staged, block = staging.stage(chunk)
        if block:
            self._spool.prepare(name, block, staged.records())
        return staged

    async def _note(self, entry: ImportedFile, known: ImportedFile | None, staged: Staged) -> None:
        """The pages are known first: where the note fails, the next import knows them again."""
        if not staged.lines:
            return
        await pages.learn(self._database, entry.domain_id, staged.pages)
        async with self._database.write() as session:
            await imports.put(session, entry, known)


def _entry(domain_id: int, sample: bytes, chosen: Format, known: ImportedFile | None) -> ImportedFile:
    return ImportedFile(
        domain_id=domain_id,
        fingerprint=fingerprint(sample),
        format=chosen.name,
        offset=known.offset if known else 0,
        lines=known.lines if known else 0,
        run=new_run(),
        updated_at=clock.now(),
    )
