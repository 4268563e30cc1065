"""Reading an access log in chunks of whole lines, plain or compressed, from a file or standard input."""

import codecs
import hashlib
import io
from collections.abc import Callable, Iterator
from itertools import cycle
from mmap import mmap
from typing import Final, cast

import numpy as np

from crawlight.domains.imports import HEAD_BYTES
from crawlight.errors import UserError
from crawlight.ingest.encoding import Transcoded, encoding_of
from crawlight.ingest.records import Cut, Records, as_lines, records_of
from crawlight.ingest.unpacking import DAMAGED, Bounds, Unpacked, unpacked

CHUNK_BYTES = 24 * 1024 * 1024
SAMPLE_BYTES = 64 * 1024
TAIL_BYTES = 4096
_MOST_STARTS = 256
_MOST_OPENING: Final = 2 * 1024 * 1024
_OPENING_LINES: Final = 200
_MOST_LEFT_OUT: Final = 1024 * 1024
_BEGINNING_BYTES: Final = 1024
_PIECE_BYTES: Final = 4 * 1024 * 1024


class Log:
    """An open log, read once from its start: first a sample, then chunks of whole lines.

    NUL bytes are left out, wherever they stand: a log that was truncated while its server went on writing at the old
    place begins with a block of them. UTF-16 becomes UTF-8, and a byte order mark goes. All offsets are of the log
    as it is given, behind NULs at its start and without what was left out.
    """

    def __init__(
        self,
        name: str,
        raw: io.BufferedReader,
        size: int,
        bounds: Bounds | None = None,
        archive: io.BufferedReader | None = None,
    ) -> None:
        """``archive`` is the file that the log stands in, and ``size`` the size of that, where it is in one."""
        self.name = name
        self.size = size
        """Bytes of the file itself, for progress; 0 where that is not known."""
        self.offset = 0
        """Bytes up to the end of the last chunk."""
        self.tail = b""
        """The last bytes before `offset`, at most `TAIL_BYTES`."""
        self.archive = archive
        self._raw = raw
        self._plain_start = 0
        self._mark = b""
        self._bounds = bounds or Bounds(name, size)
        self._data = unpacked(name, raw, self._bounds)
        self._opening: bytes | None = None
        self._records: Records | None = None
        self._ahead = b""

    def sample(self) -> bytes:
        """The first bytes, uncompressed: at most `SAMPLE_BYTES`. What may stand behind the last record is none."""
        sample = self._read_opening()[:SAMPLE_BYTES]
        if self._records and len(sample) < HEAD_BYTES:
            return sample[: self._records.cut(sample, inside=False).used]
        return sample

    def left_out(self) -> bytes:
        """What stands before the first line and is none of it: NULs and a byte order mark. Empty where it is much."""
        self._read_opening()
        if self._plain_start > _MOST_LEFT_OUT:
            return b""
        return bytes(self._plain_start - len(self._mark)) + self._mark

    def beginning(self) -> bytes:
        """The first bytes as they are, before anything else is read."""
        self._ahead = self._read_whole(_BEGINNING_BYTES)
        return self._ahead

    def opening(self) -> bytes:
        """The first lines, to see what they are: about 200, the last one may be cut short."""
        opening = self._read_opening()
        return self._records.cut(opening, inside=False).lines if self._records else opening

    def _read_opening(self) -> bytes:
        if self._opening is None:
            self._begin()
            opening = self._more(b"", SAMPLE_BYTES)
            while opening.count(b"\n") < _OPENING_LINES and len(opening) < _MOST_OPENING:
                longer = self._more(opening, 2 * len(opening))
                if len(longer) == len(opening):
                    break
                opening = longer
            self._opening = self._ahead = opening
            self._records = records_of(opening)
        return self._opening

    @property
    def garbage(self) -> bool:
        """Whether something stands behind the compressed data that is none."""
        return isinstance(self._data, Unpacked) and self._data.garbage

    def position(self) -> int:
        """Bytes of the file itself that have been read."""
        return (self.archive or self._raw).tell() if self.size else 0

    def skip(self, count: int, known: Callable[[bytes], bool] = lambda _: True) -> bytes:
        """Go to byte ``count``; answer the last bytes before it, at most `TAIL_BYTES`.

        Where the log is shorter, there are none. ``known`` says whether these are the right bytes: where they are
        not, a plain file is read from its start, because NULs that were left out may stand before them.
        """
        self._ahead = self._read_opening()
        if self._data is self._raw and not self.archive and self._raw.seekable():
            tail = self._sought(count)
            if not count or known(tail):
                return tail
            self._ahead = b""
            self._raw.seek(self._plain_start)
        return self._passed(count, count)

    def chunks(
        self, complete: Callable[[bytes], bool], chunk_bytes: int = CHUNK_BYTES, buffers: int = 1
    ) -> Iterator[memoryview]:
        """Chunks of whole lines from where the log is. Raises UserError for a broken file.

        Each starts where its buffer does, and is valid until as many more were asked for as there are
        ``buffers``: memory that is taken anew costs more than reading does. A last line without line feed is
        given only where it is ``complete``: one that is still being written counts next time.
        """
        if self._records:
            yield from self._record_chunks(self._records, chunk_bytes)
            return
        # Mapped, because the system then clears it piece by piece while it is read into.
        views = cycle([memoryview(mmap(-1, chunk_bytes)) for _ in range(buffers)])
        view, filled = next(views), 0
        while got := self._fill(view[filled:]):
            filled += got
            whole = cast(mmap, view.obj).rfind(b"\n", 0, filled) + 1
            if whole:
                yield self._given(view[:whole])
                rest = bytes(view[whole:filled])
                view, filled = next(views), len(rest)
                view[:filled] = rest
            elif filled == chunk_bytes:
                raise UserError(f"{self.name} has a line of more than {chunk_bytes:,} bytes: that is no log")
        if filled and complete(bytes(view[:filled])):
            yield self._given(view[:filled])

    def _record_chunks(self, records: Records, chunk_bytes: int) -> Iterator[memoryview]:
        """Chunks of records, a line each, from where the log is."""
        view, filled = memoryview(bytearray(max(chunk_bytes, 2 * _PIECE_BYTES))), 0
        while got := self._fill(view[filled : filled + _PIECE_BYTES]):
            filled += got
            cut = records.cut(view[:filled], inside=self.offset > 0)
            if filled == len(view) and not cut.used:
                cut = Cut(self._spoilt(bytes(view)), filled)
            if cut.used:
                self._given(view[: cut.used])
                yield memoryview(bytearray(cut.lines))
                rest = bytes(view[cut.used : filled])
                filled = len(rest)
                view[:filled] = rest
        if rest_lines := as_lines(bytes(view[:filled])):
            self._given(view[:filled])
            yield memoryview(bytearray(rest_lines))

    def _spoilt(self, rest: bytes) -> bytes:
        if lines := as_lines(rest):
            return lines
        raise UserError(f"{self.name} has a record of more than {len(rest):,} bytes: that is no log")

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many, as they are; none at the end. Raises UserError for a broken file."""
        buffer = bytearray(size)
        return bytes(buffer[: self._read_raw(memoryview(buffer))])

    def _read_whole(self, size: int) -> bytes:
        buffer = bytearray(size)
        return bytes(buffer[: self._fill(memoryview(buffer), self._read_raw)])

    def _begin(self) -> None:
        """Get past what stands before the first line, and see how the log is encoded."""
        head = self._read_whole(SAMPLE_BYTES)
        if encoding := encoding_of(head):
            self._data = Transcoded(head, self._data, encoding)
            return
        while head and not head.strip(b"\0"):
            self._plain_start += len(head)
            head = self._read_whole(SAMPLE_BYTES)
        before = len(head) - len(head.lstrip(b"\0"))
        if head.startswith(codecs.BOM_UTF8, before):
            self._mark = codecs.BOM_UTF8
        before += len(self._mark)
        self._plain_start += before
        self._ahead = head[before:].replace(b"\0", b"")

    def _more(self, start: bytes, size: int) -> bytes:
        buffer = bytearray(max(0, size - len(start)))
        return start + bytes(buffer[: self._fill(memoryview(buffer))])

    def _given(self, chunk: memoryview) -> memoryview:
        self.offset += len(chunk)
        self.tail = (self.tail + bytes(chunk[-TAIL_BYTES:]))[-TAIL_BYTES:]
        return chunk

    def _sought(self, count: int) -> bytes:
        self._ahead = b""
        self._raw.seek(self._plain_start + max(0, count - TAIL_BYTES))
        return self._passed(count, min(count, TAIL_BYTES))

    def _passed(self, count: int, left: int) -> bytes:
        """Pass the bytes that are ``left`` before byte ``count``."""
        tail, pit = b"", memoryview(bytearray(min(left, SAMPLE_BYTES)))
        while left and (got := self._read_into(pit[: min(left, len(pit))])):
            tail = (tail + bytes(pit[:got]))[-TAIL_BYTES:]
            left -= got
        self.offset, self.tail = count, b"" if left else tail
        return self.tail

    def _fill(self, view: memoryview, read: Callable[[memoryview], int] | None = None) -> int:
        """Read until the view is full or the log ends: pipes answer in small pieces."""
        filled, read = 0, read or self._read_into
        while filled < len(view) and (got := read(view[filled:])):
            filled += got
        return filled

    def _read_into(self, view: memoryview) -> int:
        """Fill a part of the view, without NULs; 0 at the end."""
        while got := self._read_raw(view):
            if np.frombuffer(view[:got], np.uint8).min():
                return got
            if text := bytes(view[:got]).replace(b"\0", b""):
                view[: len(text)] = text
                return len(text)
        return 0

    def _read_raw(self, view: memoryview) -> int:
        if self._ahead:
            piece, self._ahead = self._ahead[: len(view)], self._ahead[len(view) :]
            view[: len(piece)] = piece
            return len(piece)
        try:
            got = self._data.readinto(view)
        except EOFError:
            raise UserError(f"{self.name} ends in the middle of its compressed data; copy it again") from None
        except DAMAGED as error:
            raise UserError(f"{self.name} cannot be read: {error}") from None
        if self.archive and self._data is self._raw:
            self._bounds.add(got)
        return got


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
