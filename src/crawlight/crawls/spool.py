"""The spool: a folder of segments, each a durable batch of records on its way to the events store.

A segment is prepared (written and on disk, but nobody's yet), then published by a rename. The loader takes
published segments only. Each carries the deduplication token of its insert, so a replay counts once.

File format: one line of JSON (`Header`), then the records as the events store takes them.

Beside them lie the segments of recorders (`recorder`), record by record: open ones, and those that were handed
over. The loader makes published segments of them.
"""

import fcntl
import os
import re
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from crawlight.crawls import frames
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.ids import DomainId
from crawlight.kit.durable import sync

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,120}")
PUBLISHED = ".segment"
PREPARED = ".prepared"
SET_ASIDE = ".bad"
NEW = ".new"
OPEN = ".open"
RECORDED = ".records"

_STALE_SECONDS = 60

BlockFormat = Literal["ArrowStream", "JSONCompactEachRow", "Native"]
"""ClickHouse's name of a format."""


class Header(msgspec.Struct, frozen=True):
    """First line of a segment: number of records, size in bytes and CRC-32 of the block, its columns.

    ``pages`` holds, by domain id, the canonical paths that a crawler got: they become known with the load.
    ``sources`` names the recorded segments that this one was made of and stands in for. ``token`` is the
    deduplication token, the name of the segment where it is empty.
    """

    rows: int
    size: int
    crc32: int
    columns: tuple[str, ...]
    pages: dict[DomainId, list[str]] = {}
    format: BlockFormat = "Native"
    sources: tuple[str, ...] = ()
    token: str = ""


class Segment(msgspec.Struct, frozen=True):
    """A segment read back and found whole."""

    name: str
    header: Header
    block: bytes


class CorruptSegmentError(Exception):
    """A segment that is not what was written; the message says in which way."""


class Spool:
    """The folder. Any number of processes write; one loads."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def prepare(
        self,
        name: str,
        block: bytes | memoryview,
        rows: int,
        pages: Mapping[DomainId, Iterable[str]],
        *,
        block_format: BlockFormat = "Native",
        sources: Iterable[str] = (),
        columns: tuple[str, ...] = RECORD_COLUMNS,
    ) -> None:
        """Write a segment and wait until it is on disk. It is not loaded until it is published."""
        known = {domain_id: list(paths) for domain_id, paths in pages.items()}
        told = Header(rows, len(block), zlib.crc32(block), columns, known, block_format, tuple(sources), name)
        header = msgspec.json.encode(told)
        with self._path(name, PREPARED).open("wb") as file:
            file.write(header + b"\n")
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
        sync(self.folder)

    def publish(self, name: str) -> None:
        """Hand a prepared segment to the loader. Publishing it again does nothing."""
        try:
            self._path(name, PREPARED).rename(self._path(name, PUBLISHED))
        except FileNotFoundError:
            return
        sync(self.folder)

    def discard(self, name: str) -> None:
        """Remove a segment that was prepared and is not wanted."""
        self._path(name, PREPARED).unlink(missing_ok=True)

    def prepared(self) -> list[str]:
        """Names of segments that are prepared and not published."""
        return sorted(self._names(PREPARED))

    def published(self) -> list[str]:
        """Names of segments that wait for the loader, oldest first."""
        return sorted(self._names(PUBLISHED), key=lambda name: (self._modified(name), name))

    def is_empty(self) -> bool:
        """Whether nothing waits here, and nobody writes, as far as the loader is concerned."""
        return not any(True for state in (PUBLISHED, NEW, OPEN, RECORDED) for _ in self._names(state))

    def set_aside(self) -> list[str]:
        """Names of segments that could not be loaded and wait for a person."""
        return sorted(self._names(SET_ASIDE))

    def header(self, name: str) -> Header:
        """The header of a published segment. Raises CorruptSegmentError, or FileNotFoundError."""
        with self._path(name, PUBLISHED).open("rb") as file:
            return _header(name, file.readline())

    def read(self, name: str) -> Segment:
        """Read a published segment. Raises CorruptSegmentError, or FileNotFoundError."""
        with self._path(name, PUBLISHED).open("rb") as file:
            header, block = _header(name, file.readline()), file.read()
        if len(block) != header.size:
            raise CorruptSegmentError(f"{name}: {len(block)} bytes where {header.size} were written")
        if zlib.crc32(block) != header.crc32:
            raise CorruptSegmentError(f"{name}: its checksum does not fit")
        return Segment(name, header, block)

    def remove(self, name: str) -> None:
        """Forget a segment that the events store has confirmed."""
        self._path(name, PUBLISHED).unlink(missing_ok=True)

    def create(self, name: str) -> int:
        """Make the file of a recorder; answers its descriptor. Nobody looks at it before it is opened."""
        return os.open(self._path(name, NEW), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def open(self, name: str) -> None:
        """Show the loader a recorder's file, which must be locked, and have the name on disk."""
        self._path(name, NEW).rename(self._path(name, OPEN))
        sync(self.folder)

    def hand_over(self, name: str) -> None:
        """Give a recorder's segment to the loader. Whether the rename gets to disk does not matter (`adopt`)."""
        self._path(name, OPEN).rename(self._path(name, RECORDED))

    def drop(self, name: str) -> None:
        """Remove a recorder's file that holds nothing."""
        self._path(name, NEW).unlink(missing_ok=True)
        self._path(name, OPEN).unlink(missing_ok=True)

    def adopt(self) -> list[str]:
        """Hand over the open segments of recorders that are dead; answers their names."""
        for name in self._names(NEW):
            self._remove_stale(name)
        return [name for name in self._names(OPEN) if self._adopted(name)]

    def recorded(self) -> list[tuple[str, int]]:
        """Segments that recorders handed over, with their sizes in bytes, oldest first."""
        found = [(self._path(name, RECORDED).stat(), name) for name in self._names(RECORDED)]
        return [
            (name, stat.st_size) for stat, name in sorted(found, key=lambda pair: (pair[0].st_mtime, pair[1]))
        ]

    def read_recorded(self, name: str) -> frames.Frames:
        """The records of a segment that was handed over, and what is damaged in it."""
        return frames.decode(self._path(name, RECORDED).read_bytes())

    def keep_damaged(self, name: str, damaged: bytes) -> None:
        """Set aside what could not be read of a recorded segment."""
        with self._path(name, SET_ASIDE).open("wb") as file:
            file.write(damaged)
            file.flush()
            os.fdatasync(file.fileno())

    def remove_sources(self, names: Iterable[str]) -> None:
        """Remove recorded segments for which a published one stands in."""
        paths = [self._path(name, state) for name in names for state in (RECORDED, OPEN)]
        if present := [path for path in paths if path.exists()]:
            for path in present:
                path.unlink(missing_ok=True)
            sync(self.folder)

    def put_aside(self, name: str) -> None:
        """Take a segment that cannot be loaded out of the loader's way."""
        self._path(name, PUBLISHED).rename(self._path(name, SET_ASIDE))
        sync(self.folder)

    def _path(self, name: str, state: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no name for a segment: {name!r}")
        return self.folder / (name + state)

    def _names(self, state: str) -> Iterator[str]:
        with os.scandir(self.folder) as entries:
            names = (entry.name.removesuffix(state) for entry in entries if entry.name.endswith(state))
            yield from filter(_NAME.fullmatch, names)

    def _modified(self, name: str) -> float:
        try:
            return self._path(name, PUBLISHED).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def _remove_stale(self, name: str) -> None:
        """A file that never got to be opened: its recorder died within the microseconds that this takes."""
        with suppress(FileNotFoundError):
            if time.time() - self._path(name, NEW).stat().st_mtime > _STALE_SECONDS:
                self._path(name, NEW).unlink()

    def _adopted(self, name: str) -> bool:
        """Whether the writer of an open segment is dead, and it was handed over."""
        try:
            file = os.open(self._path(name, OPEN), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.hand_over(name)
        except (BlockingIOError, FileNotFoundError):
            return False
        finally:
            os.close(file)
        return True


def _header(name: str, line: bytes) -> Header:
    try:
        return msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CorruptSegmentError(f"{name}: its first line is no header ({error})") from None
