import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.ingest.reading import fingerprint, is_shorter_copy, open_log, same_start, starts, zstd

LINES = b"".join(b"line %d\n" % n for n in range(1000))


def read(path: Path, start: int = 0, chunk_bytes: int = 100, complete: bool = True) -> list[bytes]:
    with open_log(str(path)) as log:
        log.skip(start)
        return [bytes(chunk) for chunk in log.chunks(lambda _line: complete, chunk_bytes)]


@pytest.fixture(params=["plain", "gzip", "gzip of two members", "zstd", "zstd of two frames"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    half = len(LINES) // 2
    data = {
        "plain": LINES,
        "gzip": gzip.compress(LINES),
        "gzip of two members": gzip.compress(LINES[:half]) + gzip.compress(LINES[half:]),
        "zstd": zstd.compress(LINES),
        "zstd of two frames": zstd.compress(LINES[:half]) + zstd.compress(LINES[half:]),
    }[request.param]
    path = tmp_path / "access.log"
    path.write_bytes(data)
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
    with open_log(str(log)) as opened:
        assert opened.skip(count) == LINES[:count][-4096:]


def test_skipping_more_than_there_is_tells_nothing(log: Path) -> None:
    with open_log(str(log)) as opened:
        assert opened.skip(len(LINES) + 1) == b""


@pytest.mark.parametrize(("complete", "given"), [(True, b"a\nb"), (False, b"a\n")])
def test_a_last_line_without_end_is_given_where_it_is_complete(
    tmp_path: Path, complete: bool, given: bytes
) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"a\nb")
    assert b"".join(read(path, complete=complete)) == given


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_compressed_data_that_ends_early_is_told(tmp_path: Path, compress: object) -> None:
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
    path.write_bytes(bytes(1000))
    with pytest.raises(UserError, match="a line of more than 100 bytes"):
        read(path, chunk_bytes=100)


def test_standard_input_is_read_from_a_pipe() -> None:
    code = (
        "import sys; from crawlight.ingest.reading import open_log\n"
        "with open_log('-') as log:\n"
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
