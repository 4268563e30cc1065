"""Reading an access log in chunks of whole lines, plain or compressed, from a file or standard input."""

import hashlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from mmap import mmap
from pathlib import Path
from typing import Protocol, cast

from isal import igzip, isal_zlib

from crawlight.domains.imports import HEAD_BYTES
from crawlight.errors import UserError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK_BYTES = 24 * 1024 * 1024
SAMPLE_BYTES = 64 * 1024
TAIL_BYTES = 4096
_MOST_STARTS = 256
_DAMAGED: tuple[type[Exception], ...] = (
    OSError,
    zstd.ZstdError,
    cast("type[Exception]", isal_zlib.IsalError),
)
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class Readable(Protocol):
    """What gives uncompressed bytes."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer or a part of it; 0 at the end."""


class Log:
    """An open log, read once from its start: first a sample, then chunks of whole lines."""

    def __init__(self, name: str, raw: io.BufferedReader, size: int) -> None:
        self.name = name
        self.size = size
        """Bytes of the file itself, for progress; 0 where that is not known."""
        self._raw = raw
        self._data = _uncompressed(raw)
        self._sample: bytes | None = None
        self._ahead = b""

    def sample(self) -> bytes:
        """The first bytes, uncompressed: at most `SAMPLE_BYTES`."""
        if self._sample is None:
            buffer = bytearray(SAMPLE_BYTES)
            self._sample = self._ahead = bytes(buffer[: self._fill(memoryview(buffer))])
        return self._sample

    def position(self) -> int:
        """Bytes of the file itself that have been read."""
        return self._raw.tell() if self.size else 0

    def skip(self, count: int) -> bytes:
        """Go to uncompressed byte ``count``; answer the last bytes before it, at most `TAIL_BYTES`.

        Where the log is shorter, there are none.
        """
        self._ahead, tail = self.sample(), b""
        if self._data is self._raw and self._raw.seekable():
            self._ahead = b""
            self._raw.seek(max(0, count - TAIL_BYTES))
            count = min(count, TAIL_BYTES)
        pit = memoryview(bytearray(min(count, SAMPLE_BYTES)))
        while count and (got := self._read_into(pit[: min(count, len(pit))])):
            tail = (tail + bytes(pit[:got]))[-TAIL_BYTES:]
            count -= got
        return b"" if count else tail

    def chunks(
        self, complete: Callable[[bytes], bool], chunk_bytes: int = CHUNK_BYTES, buffers: int = 1
    ) -> Iterator[memoryview]:
        """Chunks of whole lines from where the log is. Raises UserError for a broken file.

        Each starts where its buffer does, and is valid until as many more were asked for as there are
        ``buffers``: memory that is taken anew costs more than reading does. A last line without line feed is
        given only where it is ``complete``: one that is still being written counts next time.
        """
        # Mapped, because the system then clears it piece by piece while it is read into.
        views = cycle([memoryview(mmap(-1, chunk_bytes)) for _ in range(buffers)])
        view, filled = next(views), 0
        while got := self._fill(view[filled:]):
            filled += got
            whole = cast(mmap, view.obj).rfind(b"\n", 0, filled) + 1
            if whole:
                yield view[:whole]
                rest = bytes(view[whole:filled])
                view, filled = next(views), len(rest)
                view[:filled] = rest
            elif filled == chunk_bytes:
                raise UserError(f"{self.name} has a line of more than {chunk_bytes:,} bytes: that is no log")
        if filled and complete(bytes(view[:filled])):
            yield view[:filled]

    def _fill(self, view: memoryview) -> int:
        """Read until the view is full or the log ends: pipes answer in small pieces."""
        filled = 0
        while filled < len(view) and (got := self._read_into(view[filled:])):
            filled += got
        return filled

    def _read_into(self, view: memoryview) -> int:
        if self._ahead:
            piece, self._ahead = self._ahead[: len(view)], self._ahead[len(view) :]
            view[: len(piece)] = piece
            return len(piece)
        try:
            return self._data.readinto(view)
        except EOFError:
            raise UserError(f"{self.name} ends in the middle of its compressed data; copy it again") from None
        except _DAMAGED as error:
            raise UserError(f"{self.name} cannot be read: {error}") from None


@contextmanager
def open_log(path: str) -> Iterator[Log]:
    """Open a log by path, ``-`` for standard input; gzip and zstd are known by their first bytes."""
    if path == "-":
        with os.fdopen(sys.stdin.fileno(), "rb", closefd=False) as raw:
            yield Log("standard input", raw, 0)
        return
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - closed below; only its opening is the user's to mend
    except OSError as error:
        raise UserError(f"cannot open {printable(path)}: {error.strerror}") from None
    with raw:
        yield Log(printable(path), raw, os.fstat(raw.fileno()).st_size)


def printable(path: str) -> str:
    """A path as it can be shown: names of files may be no text."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def fingerprint(sample: bytes) -> str:
    """Name a log by how it starts, so that it is known again when it has grown: ``length:sha256``."""
    head = sample[:HEAD_BYTES]
    return f"{len(head)}:{hashlib.sha256(head).hexdigest()}"


def same_start(known: str, sample: bytes) -> bool:
    """Say whether a log that starts with ``sample`` may be the one that was fingerprinted as ``known``."""
    length = int(known.partition(":")[0])
    return 0 < length <= len(sample) and fingerprint(sample[:length]) == known


def starts(sample: bytes) -> str:
    """Digests of a log's first bytes up to each line end, so that a shorter copy of it is known."""
    head, ends, end = sample[:HEAD_BYTES], list[int](), 0
    while (end := head.find(b"\n", end) + 1) and len(ends) < _MOST_STARTS:
        ends.append(end)
    return " ".join(_short_digest(head[:end]) for end in ends)


def is_shorter_copy(known_starts: str, sample: bytes) -> bool:
    """Say whether a whole log, shorter than a fingerprint takes, is the start of the log with these `starts`."""
    lines = sample[: sample.rfind(b"\n") + 1]
    return bool(lines) and len(sample) < HEAD_BYTES and _short_digest(lines) in known_starts.split()


def _short_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _uncompressed(raw: io.BufferedReader) -> Readable:
    start = raw.peek(4)[:4]
    if start.startswith(_GZIP):
        return cast(Readable, igzip.GzipFile(fileobj=raw))  # type: ignore[no-untyped-call]
    if start == _ZSTD:
        return zstd.ZstdFile(raw)
    return raw
