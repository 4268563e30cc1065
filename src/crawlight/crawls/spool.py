"""The spool: a folder of segments, each a durable batch of records on its way to the events store.

A segment is prepared (written and on disk, but nobody's yet), then published by a rename. The loader takes
published segments only. Its name is the deduplication token of the insert, so a replay counts once.

File format: one line of JSON (`Header`), then the records in ClickHouse's Native format.
"""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from crawlight.crawls.crawl import RECORD_COLUMNS

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,120}")
PUBLISHED = ".segment"
PREPARED = ".prepared"
SET_ASIDE = ".bad"


class Header(msgspec.Struct, frozen=True):
    """First line of a segment: number of records, size in bytes and CRC-32 of the block, its columns.

    ``pages`` holds, by domain id, the canonical paths that a crawler got: they become known with the load.
    """

    rows: int
    size: int
    crc32: int
    pages: dict[int, list[str]] = {}
    columns: tuple[str, ...] = RECORD_COLUMNS


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

    def prepare(self, name: str, block: bytes, rows: int, pages: Mapping[int, Iterable[str]]) -> None:
        """Write a segment and wait until it is on disk. It is not loaded until it is published."""
        known = {domain_id: list(paths) for domain_id, paths in pages.items()}
        header = msgspec.json.encode(Header(rows, len(block), zlib.crc32(block), known))
        with self._path(name, PREPARED).open("wb") as file:
            file.write(header + b"\n")
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
        self._sync_folder()

    def publish(self, name: str) -> None:
        """Hand a prepared segment to the loader. Publishing it again does nothing."""
        try:
            self._path(name, PREPARED).rename(self._path(name, PUBLISHED))
        except FileNotFoundError:
            return
        self._sync_folder()

    def discard(self, name: str) -> None:
        """Remove a segment that was prepared and is not wanted."""
        self._path(name, PREPARED).unlink(missing_ok=True)

    def prepared(self) -> list[str]:
        """Names of segments that are prepared and not published."""
        return sorted(self._names(PREPARED))

    def published(self) -> list[str]:
        """Names of segments that wait for the loader, oldest first."""
        return sorted(self._names(PUBLISHED), key=lambda name: (self._modified(name), name))

    def set_aside(self) -> list[str]:
        """Names of segments that could not be loaded and wait for a person."""
        return sorted(self._names(SET_ASIDE))

    def read(self, name: str) -> Segment:
        """Read a published segment. Raises CorruptSegmentError, or FileNotFoundError."""
        line, _, block = self._path(name, PUBLISHED).read_bytes().partition(b"\n")
        try:
            header = msgspec.json.decode(line, type=Header)
        except msgspec.MsgspecError as error:
            raise CorruptSegmentError(f"{name}: its first line is no header ({error})") from None
        if len(block) != header.size:
            raise CorruptSegmentError(f"{name}: {len(block)} bytes where {header.size} were written")
        if zlib.crc32(block) != header.crc32:
            raise CorruptSegmentError(f"{name}: its checksum does not fit")
        return Segment(name, header, block)

    def remove(self, name: str) -> None:
        """Forget a segment that the events store has confirmed."""
        self._path(name, PUBLISHED).unlink(missing_ok=True)

    def put_aside(self, name: str) -> None:
        """Take a segment that cannot be loaded out of the loader's way."""
        self._path(name, PUBLISHED).rename(self._path(name, SET_ASIDE))
        self._sync_folder()

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

    def _sync_folder(self) -> None:
        """A rename is only on disk once its folder is."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
