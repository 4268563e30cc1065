import bz2
import gzip
import lzma
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.ingest.archives import open_logs
from crawlight.ingest.reading import Log, fingerprint, is_shorter_copy, same_start, starts
from crawlight.kit.zstd import zstd

LINES = b"".join(b"line %d\n" % n for n in range(1000))
PACKERS = {"gzip": gzip.compress, "zstd": zstd.compress, "bzip2": bz2.compress, "xz": lzma.compress}
HALF = len(LINES) // 2
PACKED = {
    "plain": LINES,
    **{f"{name} of one": pack(LINES) for name, pack in PACKERS.items()},
    **{f"{name} of two": pack(LINES[:HALF]) + pack(LINES[HALF:]) for name, pack in PACKERS.items()},
    "gzip with padding": gzip.compress(LINES[:HALF]) + bytes(600) + gzip.compress(LINES[HALF:]) + bytes(9),
    "zstd with a skippable frame": b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd.compress(LINES),
    "UTF-16 with a mark": "\ufeff".encode("utf-16-le") + LINES.decode().encode("utf-16-le"),
    "UTF-16, the other way": "\ufeff".encode("utf-16-be") + LINES.decode().encode("utf-16-be"),
    "UTF-16 without a mark": LINES.decode().encode("utf-16-le"),
    "gzip of UTF-16": gzip.compress(LINES.decode().encode("utf-16")),
    "a byte order mark": b"\xef\xbb\xbf" + LINES,
    "NULs before": bytes(200_000) + LINES,
    "NULs between": LINES[:400] + bytes(100_000) + LINES[400:],
    "NULs before, in gzip": gzip.compress(bytes(5_000) + LINES),
}
"""The same lines in all kinds of files."""


@contextmanager
def open_log(path: Path | str) -> Iterator[Log]:
    with open_logs(str(path)) as logs:
        log = next(logs)
        assert isinstance(log, Log)
        yield log


def read(path: Path, start: int = 0, chunk_bytes: int = 100, complete: bool = True) -> list[bytes]:
    with open_log(path) as log:
        log.skip(start, lambda tail: tail == LINES[:start][-4096:])
        return [bytes(chunk) for chunk in log.chunks(lambda _line: complete, chunk_bytes)]


@pytest.fixture(params=PACKED)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(PACKED[request.param])
    return path


@pytest.mark.parametrize("chunk_bytes", [10, 100, 1_000_000])
def test_chunks_hold_whole_lines_and_all_of_them(log: Path, chunk_bytes: int) -> None:
    chunks = read(log, chunk_bytes=chunk_bytes)
    assert b"".join(chunks) == LINES
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_reading_goes_on_where_it_ended(log: Path) -> None:
    for start in (7, 50_000 % len(LINES), len(LINES)):
        assert b"".join(read(log, start)) == LINES[start:]


@pytest.mark.parametrize("count", [0, 1, 4095, 4096, 4097, 5000])
def test_skipping_tells_what_stood_before(log: Path, count: int) -> None:
    with open_log(log) as opened:
        assert opened.skip(count, lambda tail: tail == LINES[:count][-4096:]) == LINES[:count][-4096:]


def test_skipping_more_than_there_is_tells_nothing(log: Path) -> None:
    with open_log(log) as opened:
        assert opened.skip(len(LINES) + 1, lambda _tail: False) == b""


def test_what_stands_before_the_first_line_is_told(log: Path) -> None:
    """An import that counted it in is known by it."""
    with open_log(log) as opened:
        before = opened.left_out()
    data = log.read_bytes()
    plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    assert not before.strip(b"\0\xef\xbb\xbf")
    assert not before or (before + LINES)[:10_000] == plain[:10_000]


@pytest.mark.parametrize(("complete", "given"), [(True, b"a\nb"), (False, b"a\n")])
def test_a_last_line_without_end_is_given_where_it_is_complete(
    tmp_path: Path, complete: bool, given: bytes
) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"a\nb")
    assert b"".join(read(path, complete=complete)) == given


@pytest.mark.parametrize("compress", PACKERS.values(), ids=PACKERS)
def test_compressed_data_that_ends_early_is_told(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    whole = compress(os.urandom(200_000).hex().encode() + b"\n")
    path = tmp_path / "access.log.z"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="ends in the middle of its compressed data"):
        read(path, chunk_bytes=1_000_000)


def test_compressed_data_that_is_damaged_is_told(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(os.urandom(100_000).hex().encode() + b"\n"))
    whole[50_000:50_100] = bytes(100)
    path = tmp_path / "access.log.gz"
    path.write_bytes(whole)
    with pytest.raises(UserError, match="cannot be read"):
        read(path, chunk_bytes=1_000_000)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot open .*nothing.log: No such file"):
        read(tmp_path / "nothing.log")


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"x" * 1000)
    with pytest.raises(UserError, match="a line of more than 100 bytes"):
        read(path, chunk_bytes=100)


def test_standard_input_is_read_from_a_pipe() -> None:
    code = (
        "import sys; from crawlight.ingest.archives import open_logs\n"
        "with open_logs('-') as logs:\n"
        "    [log] = logs\n"
        "    print(log.name, len(log.sample()), sum(len(chunk) for chunk in log.chunks(bool, 100)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], input=LINES, capture_output=True, check=True)
    assert answer.stdout.decode().split() == ["standard", "input", str(len(LINES)), str(len(LINES))]


def test_a_log_is_known_again_when_it_has_grown() -> None:
    short, long = b"x" * 100, b"y" * 10_000
    assert same_start(fingerprint(short), short + b"more")
    assert same_start(fingerprint(long), long + b"more")
    assert not same_start(fingerprint(long), short)
    assert not same_start(fingerprint(short), b"z" + short)
    assert not same_start(fingerprint(b""), b"anything")


def test_starts_are_few_and_of_whole_lines() -> None:
    known = starts(b"a\nbb\nccc")
    assert len(known.split()) == 2
    assert is_shorter_copy(known, b"a\n")
    assert is_shorter_copy(known, b"a\nbb\ncc")
    assert not is_shorter_copy(known, b"a")
    assert not is_shorter_copy(known, b"bb\n")
    assert len(starts(b"\n" * 100_000).split()) == 256
