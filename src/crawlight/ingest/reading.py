"""Reading an access log in chunks of whole lines, plain or compressed, from a file or standard input."""

import gzip
import hashlib
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from crawlight.errors import UserError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK_BYTES = 64 * 1024 * 1024
SAMPLE_BYTES = 64 * 1024
_HEAD_BYTES = 4096
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class Readable(Protocol):
    """What gives uncompressed bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, none at the end."""


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
            self._sample = self._ahead = self._exactly(SAMPLE_BYTES)
        return self._sample

    def position(self) -> int:
        """Bytes of the file itself that have been read."""
        return self._raw.tell() if self.size else 0

    def chunks(
        self, start: int, complete: Callable[[bytes], bool], chunk_bytes: int = CHUNK_BYTES
    ) -> Iterator[bytes]:
        """Chunks of whole lines from uncompressed byte ``start`` on. Raises UserError for a broken file.

        A last line without line feed is given only where it is ``complete``: one that is still being written
        counts next time.
        """
        self._skip(start)
        rest = b""
        while more := self._exactly(chunk_bytes):
            lines, line_feed, rest = (rest + more).rpartition(b"\n")
            if line_feed:
                yield lines + line_feed
            elif len(rest) > chunk_bytes:
                raise UserError(f"{self.name} has a line of more than {chunk_bytes:,} bytes: that is no log")
        if rest and complete(rest):
            yield rest

    def _skip(self, count: int) -> None:
        if self._data is self._raw and self._raw.seekable():
            self._ahead = b""
            self._raw.seek(count)
            return
        while count and (piece := self._read(min(count, CHUNK_BYTES))):
            count -= len(piece)

    def _exactly(self, count: int) -> bytes:
        """Read until ``count`` bytes are there or the log ends: pipes answer in small pieces."""
        pieces = []
        while count and (piece := self._read(count)):
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def _read(self, count: int) -> bytes:
        if self._ahead:
            piece, self._ahead = self._ahead[:count], self._ahead[count:]
            return piece
        try:
            return self._data.read(count)
        except EOFError:
            raise UserError(f"{self.name} ends in the middle of its compressed data; copy it again") from None
        except (OSError, zlib.error, zstd.ZstdError) as error:
            raise UserError(f"{self.name} cannot be read: {error}") from None


@contextmanager
def open_log(path: str) -> Iterator[Log]:
    """Open a log by path, ``-`` for standard input; gzip and zstd are known by their first bytes."""
    if path == "-":
        with os.fdopen(sys.stdin.fileno(), "rb", closefd=False) as raw:
            yield Log("standard input", raw, 0)
        return
    try:
        with Path(path).open("rb") as raw:
            yield Log(path, raw, os.fstat(raw.fileno()).st_size)
    except OSError as error:
        raise UserError(f"cannot open {path}: {error.strerror}") from None


def fingerprint(sample: bytes) -> str:
    """Name a log by how it starts, so that it is known again when it has grown: ``length:sha256``."""
    head = sample[:_HEAD_BYTES]
    return f"{len(head)}:{hashlib.sha256(head).hexdigest()}"


def same_start(known: str, sample: bytes) -> bool:
    """Say whether a log that starts with ``sample`` may be the one that was fingerprinted as ``known``."""
    length = int(known.partition(":")[0])
    return 0 < length <= len(sample) and fingerprint(sample[:length]) == known


def _uncompressed(raw: io.BufferedReader) -> Readable:
    start = raw.peek(4)[:4]
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if start == _ZSTD:
        return zstd.ZstdFile(raw)
    return raw
