"""The import of an access log into one domain or several: every line counted once, however often it is given."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Final, Literal

import msgspec

from crawlight.bots.identity import Identity
from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains.imports import ImportedFile
from crawlight.errors import UserError
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId
from crawlight.ingest.archives import Broken, open_logs
from crawlight.ingest.crowded import CrowdedError, doubt_of
from crawlight.ingest.handover import settle
from crawlight.ingest.importers.choosing import Chosen, choose_format
from crawlight.ingest.known import Part, digest, entry_of, go_on, note, parts_of
from crawlight.ingest.reading import CHUNK_BYTES, SAMPLE_BYTES, Log
from crawlight.ingest.segments import Segments
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Staging
from crawlight.ingest.work import SIDE_BY_SIDE, Work

_MOST_IN_VAIN: Final = 1024**3

FUTURE = timedelta(minutes=5)
"""How far a server's clock may be ahead before its lines are refused."""


Progress = Callable[[int, int], None]
"""Called with the bytes of the file read so far, and its size (0 where that is not known)."""

Failed = Callable[[str, UserError], None]
"""Called with the name of a log that cannot be imported, and why."""


Doubts = Literal["none", "harmless", "all"]

_GARBAGE = "something stands behind the compressed data that is none; it was left out"


def _give_up(_name: str, error: UserError) -> None:
    raise error


class Imported(msgspec.Struct, frozen=True):
    """What became of one file, in one domain or several."""

    file: str
    format: str
    staged: Staged
    already: int
    """Lines that earlier imports had counted."""
    why: str = ""
    """Why it was read in this format."""
    domains: Mapping[str, DomainId] = msgspec.field(default_factory=dict)
    """The domains, and their numbers."""
    notes: Sequence[str] = ()
    """What else is to be known about the log."""


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
        failed: Failed = _give_up,
        anyway: bool = False,
        said: str = "",
        saved: str = "",
        *,
        name: str = "",
    ) -> list[Imported]:
        """Import what is new in a log, or in each log of an archive: ``failed`` is told of those that cannot be read.

        ``said`` is the format as it stands in a server's configuration, ``saved`` one that is taken where it fits.
        Raises UserError, and changes nothing, where it is no log or broken, or where its addresses seem to be a
        proxy's; ``anyway`` takes it then, with these addresses judging nobody. Mostly a log is read once; domains that
        have read it this far and that far are served in turns. ``name`` is what the file is called where that is not
        its path.
        """
        results: list[Imported] = []
        with open_logs(path, name) as logs:
            for number, log in enumerate(logs):
                try:
                    choice = (log_format, keys, said, saved)
                    results += await self._import_log(
                        log, (path, number, name), choice, target, progress, anyway
                    )
                except UserError as error:
                    if not log.archive:
                        raise
                    failed(log.name, error)
        return results

    async def _import_log(
        self,
        log: Log | Broken,
        place: tuple[str, int, str],
        choice: tuple[str, Mapping[str, str] | None, str, str],
        target: Target,
        progress: Progress,
        anyway: bool,
    ) -> list[Imported]:
        """Import one log; ``place`` is the file, which of the logs in it, and what the file is called."""
        if isinstance(log, Broken):
            raise log.error
        sample = log.sample()
        if is_empty(sample):
            return [Imported(log.name, "empty", Staged(), 0)]
        # A log that is hard to recognise takes a moment, in which a server has others to answer.
        chosen = await asyncio.to_thread(choose_format, choice[0], log.name, log.opening(), *choice[1:])
        if not chosen.format.hosts and not target.hostless:
            raise UserError(f"{log.name} is {chosen.format.title}, which names no hosts: say --domain HOST")
        parts = await parts_of(self._database, target, log)
        if place[0] == "-" and len(parts) > 1:
            raise UserError("parts of this log were imported before; give it as a file, to be read in turns")
        results = [await self._take(log, place, chosen, parts[0], target, progress, anyway)]
        for part in parts[1:]:
            with _again(place) as again:
                results.append(await self._take(again, place, chosen, part, target, progress, anyway))
        return results

    async def _take(
        self,
        log: Log,
        place: tuple[str, int, str],
        chosen: Chosen,
        part: Part,
        target: Target,
        progress: Progress,
        anyway: bool,
    ) -> Imported:
        """Import what is new for some domains; a second time, believing less, where that is wanted."""
        doubts: Doubts = "harmless" if anyway else "none"
        try:
            return await self._import(log, chosen, part, target, progress, self._identity, doubts)
        except CrowdedError as crowded:
            if not anyway:
                raise UserError(f"{log.name}: {crowded.advice}") from None
            if place[0] == "-":
                raise UserError("to be read twice, as --anyway asks, this log has to be a file") from None
            judge, told = crowded.doubt.lenient(self._identity), crowded.doubt.told
        with _again(place) as again:
            taken = await self._import(again, chosen, part, target, progress, judge, "all")
        return msgspec.structs.replace(taken, notes=[told, *taken.notes])

    async def _import(
        self,
        log: Log,
        chosen: Chosen,
        part: Part,
        target: Target,
        progress: Progress,
        identity: Identity,
        doubts: Doubts,
    ) -> Imported:
        """Import what is new for some domains. Where it is cancelled, what was read until then counts.

        Raises CrowdedError, and changes nothing, where its addresses are doubted, unless such ``doubts`` are taken:
        those by which nobody is refuted, or all.
        """
        go_on(log, part)
        entry, already = entry_of(part, log.sample(), chosen.format, target), part.lines
        try:
            with Staging(
                self._store,
                chosen.format,
                part.of(target),
                identity,
                chosen.others,
                chosen.wrapping,
            ) as staging:
                work = Work(staging, Segments(self._spool, entry.run), self._store, entry.lines)
                cancelled = await self._stage(log, entry, chosen, work, progress)
            await asyncio.to_thread(self._store.wait)
            doubt = None if doubts == "all" else doubt_of(work.total, identity)
            if doubt and self._spool and (doubts == "none" or doubt.refutes):
                raise asyncio.CancelledError if cancelled else CrowdedError(doubt)
            await self._note(entry, part, log.name, work.total)
        finally:
            # Publishes what was noted and discards what was not, as after a crash.
            if self._spool:
                await settle(self._spool, self._database)
        if cancelled:
            raise asyncio.CancelledError
        notes = [*([doubt.told] if doubt else ()), *([_GARBAGE] if log.garbage else ())]
        formats = work.total.formats.most_common()
        notes += [f"lines of another format, {title}: {number:,}" for title, number in formats]
        return Imported(log.name, chosen.format.title, work.total, already, chosen.why, part.domains, notes)

    async def _stage(
        self, log: Log, entry: ImportedFile, chosen: Chosen, work: Work, progress: Progress
    ) -> bool:
        """Prepare the records of a log; move ``entry`` on to where it was read. Answers whether it was cancelled."""
        cancelled = False
        try:
            try:
                # A query has its price, whatever it reads.
                size = self._chunk_bytes * (1 if chosen.format.quoted else 2)
                for chunk in log.chunks(chosen.recognises, size, SIDE_BY_SIDE):
                    entry.offset, entry.tail = log.offset, digest(log.tail)
                    await work.give(chunk)
                    if work.in_vain > _MOST_IN_VAIN:
                        raise UserError(_no_end(log.name))
                    progress(log.position(), log.size)
            except asyncio.CancelledError:
                cancelled = True
            await work.finish()
        finally:
            await work.wait()
        entry.lines += work.total.lines
        return cancelled

    async def _note(self, entry: ImportedFile, part: Part, name: str, staged: Staged) -> None:
        if staged.lines and self._spool:
            await note(self._database, entry, part, name, staged.lines, staged.kept)


def _no_end(name: str) -> str:
    return (
        f"{name} has more than {_MOST_IN_VAIN / 1024**3:.0f} GiB in a row without a request, as no log does."
        " Nothing of it was counted"
    )


@contextmanager
def _again(place: tuple[str, int, str]) -> Iterator[Log]:
    """A log once more, from its start."""
    with open_logs(place[0], place[2]) as logs:
        log = next(islice(logs, place[1], None))
        if isinstance(log, Broken):
            raise log.error
        log.sample()
        yield log


def is_empty(sample: bytes) -> bool:
    """Say whether a log that starts so has no line but empty ones and headers."""
    lines = sample.splitlines()
    return len(sample) < SAMPLE_BYTES and not any(
        line.strip(b" \t[]") and not line.startswith(b"#") for line in lines
    )
