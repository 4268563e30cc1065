"""What compressed logs hold: known by their first bytes, never by their names, and bounded in what they unpack to."""

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, cast

from isal import igzip_lib

from crawlight.errors import UserError
from crawlight.kit.zstd import zstd

_BLOCK_BYTES: Final = 512 * 1024
_XZ_MEMORY: Final = 256 * 1024 * 1024
_FREE_BYTES: Final = 1024**3
_MOST_TIMES: Final = 250

DAMAGED: Final[tuple[type[Exception], ...]] = (
    *(OSError, ValueError, zstd.ZstdError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError),
    cast("type[Exception]", igzip_lib.error),
)
"""What broken compressed data and archives raise, apart from an `EOFError` where they end early."""


class Readable(Protocol):
    """What gives uncompressed bytes."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer or a part of it; 0 at the end."""


class _Decompressor(Protocol):
    """One member: a decompressor as `bz2` has it."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Kind(NamedTuple):
    starts: tuple[bytes, ...]
    decompressor: Callable[[], object]


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


# pzstd begins with a skippable frame (RFC 8878, 3.1.2).
_SKIPPABLE: Final = tuple(bytes([0x50 + n, 0x2A, 0x4D, 0x18]) for n in range(16))
_KINDS: Final = (
    _Kind((b"\x1f\x8b",), lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)),
    _Kind((b"\x28\xb5\x2f\xfd", *_SKIPPABLE), zstd.ZstdDecompressor),
    _Kind(tuple(b"BZh%d1AY&SY" % n for n in range(1, 10)), bz2.BZ2Decompressor),
    _Kind((b"\xfd7zXZ\0",), _xz),
)
_MOST_MAGIC: Final = 10

_FOREIGN: Final = {
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x04\x22\x4d\x18": "compressed with lz4",
    b"\x1f\x9d": "compressed with compress (.Z)",
    b"LZIP": "compressed with lzip",
    b"PAR1": "a Parquet file",
}
"""What logs are packed in, too, and has to be unpacked by its own program."""


class Bounds:
    """How much a file may unpack to. All that is read of it counts, members of an archive too."""

    def __init__(self, name: str, size: int) -> None:
        """``size`` is that of the file; 0 where that is not known, and what was read of it counts."""
        self._name = name
        self._size = size
        self._known = bool(size)
        self._unpacked = 0

    def read(self, packed: int) -> None:
        """Count bytes of a file whose size is not known."""
        if not self._known:
            self._size += packed

    def add(self, unpacked: int) -> None:
        """Count bytes. Raises UserError where there are too many."""
        self._unpacked += unpacked
        most = max(_FREE_BYTES, self._size * _MOST_TIMES)
        if self._unpacked > most:
            raise UserError(
                f"{self._name} unpacks to more than {_MOST_TIMES} times its size"
                f" ({most / 1024**3:.1f} GiB so far), as no log does. If it is one, unpack it and import"
                " what comes out. Nothing of it was counted"
            )


class Unpacked:
    """The bytes of compressed data: of all its members, one after the other, whatever stands behind them."""

    def __init__(self, raw: io.BufferedReader, kind: _Kind, bounds: Bounds) -> None:
        self._raw = raw
        self._kind = kind
        self._bounds = bounds
        self._left = b""
        self._member = cast(_Decompressor, kind.decompressor())
        self.garbage = False
        """Whether something stands behind the members that is none."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill a part of the buffer. Raises EOFError where the data ends early, and `DAMAGED`."""
        while not self._member.eof or self._next_member():
            piece = self._member.decompress(self._input(), len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                self._bounds.add(len(piece))
                return len(piece)
        return 0

    def _input(self) -> bytes:
        if not self._member.needs_input:
            return b""
        block, self._left = self._left or self._read(), b""
        if not block and not self._member.eof:
            raise EOFError
        return block

    def _read(self) -> bytes:
        block = self._raw.read1(_BLOCK_BYTES)
        self._bounds.read(len(block))
        return block

    def _next_member(self) -> bool:
        """Begin with the next member. Zeros between members are padding; what else is there is none."""
        left = self._member.unused_data.lstrip(b"\0")
        while len(left) < _MOST_MAGIC and (more := self._read()):
            left = (left + more).lstrip(b"\0")
        if left.startswith(self._kind.starts):
            self._left, self._member = left, cast(_Decompressor, self._kind.decompressor())
            return True
        self.garbage = bool(left)
        return False


def unpacked(name: str, raw: io.BufferedReader, bounds: Bounds) -> Readable:
    """The uncompressed bytes of what may be compressed. Raises UserError where only another program can unpack it."""
    start = raw.peek(_MOST_MAGIC)[:_MOST_MAGIC]
    for kind in _KINDS:
        if start.startswith(kind.starts):
            return Unpacked(raw, kind, bounds)
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise UserError(f"{name} is {what}: unpack it first, and import what comes out")
    return raw
