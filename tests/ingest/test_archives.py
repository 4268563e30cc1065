"""Archives of logs: every file in them is a log of its own, to the ledger too."""

import bz2
import gzip
import io
import lzma
import os
import random
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.ingest import importing, unpacking
from crawlight.ingest.archives import Broken, open_logs
from crawlight.ingest.importing import Importer
from crawlight.kit.zstd import zstd
from tests.ingest.conftest import Place, target_of
from tests.ingest.test_importing import line, written

pytestmark = pytest.mark.anyio

FIRST = b"".join(line(f"/a{n}") for n in range(100))
SECOND = b"".join(line(f"/b{n}") for n in range(50))
FILES = {
    "logs/access.log": SECOND,
    "logs/access.log.1": FIRST,
    "logs/access.log.2.gz": gzip.compress(line("/c")),
    "__MACOSX/logs/._access.log": b"\0\5\x16\7" * 100,
    "logs/.DS_Store": b"\0\0\0\1Bud1" + bytes(5000),
}


def zipped(files: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("empty folder/", b"")
    return data.getvalue()


def zip64(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
    return data.getvalue()


def tarred(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("logs")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("logs/current")
        link.type, link.linkname = tarfile.SYMTYPE, "access.log"
        archive.addfile(link)
    return data.getvalue()


ARCHIVES: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip, stored": lambda files: zipped(files, zipfile.ZIP_STORED),
    "zip, deflated": zipped,
    "zip, bzip2": lambda files: zipped(files, zipfile.ZIP_BZIP2),
    "zip, lzma": lambda files: zipped(files, zipfile.ZIP_LZMA),
    "zip64": zip64,
    "tar": tarred,
    "tar, ustar": lambda files: tarred(files, tarfile.USTAR_FORMAT),
    "tar, GNU": lambda files: tarred(files, tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
    "tar.zst": lambda files: zstd.compress(tarred(files)),
}
TWO_ARCHIVES = pytest.mark.parametrize(
    "pack", [ARCHIVES["zip, deflated"], ARCHIVES["tar.gz"]], ids=["zip", "tar.gz"]
)
EACH_ARCHIVE = pytest.mark.parametrize("pack", ARCHIVES.values(), ids=ARCHIVES)


async def imported(place: Place, path: Path) -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    """Lines, and those that were counted before, of each log; and why the others were not read."""
    stores = (place.services.database, place.services.spool, place.services.store)
    failures: dict[str, str] = {}

    def failed(name: str, error: UserError) -> None:
        failures[name.removeprefix(f"{path}: ")] = str(error)

    importer = Importer(*stores, place.identity, place.chunk_bytes)
    results = await importer.import_file(str(path), target_of(), failed=failed)
    await place.services.loading.load()
    return {one.file.removeprefix(f"{path}: "): (one.staged.lines, one.already) for one in results}, failures


@EACH_ARCHIVE
async def test_every_file_in_an_archive_is_read_and_counts_once(
    place: Place, tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    path = written(tmp_path / "named-like-a.log", pack(FILES))
    fresh = {"logs/access.log.2.gz": (1, 0), "logs/access.log.1": (100, 0), "logs/access.log": (50, 0)}
    assert await imported(place, path) == (fresh, {})
    assert len(place.rows()) == 151
    again = {name: (0, lines) for name, (lines, _) in fresh.items()}
    assert await imported(place, path) == (again, {})
    # The same log, grown, alone and packed in another way.
    alone = written(tmp_path / "alone.xz", lzma.compress(SECOND + line("/more")))
    assert await imported(place, alone) == ({str(alone): (1, 50)}, {})
    assert len(place.rows()) == 152


async def test_a_zip_has_its_logs_in_the_order_of_the_rotation(place: Place, tmp_path: Path) -> None:
    found, _ = await imported(place, written(tmp_path / "logs.zip", zipped(FILES)))
    assert list(found) == ["logs/access.log.2.gz", "logs/access.log.1", "logs/access.log"]


@TWO_ARCHIVES
async def test_what_cannot_be_read_in_an_archive_does_not_spoil_the_rest(
    place: Place, tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    strange = {
        "notes.txt": b"Dear reader,\nthis is no log.\n" * 20,
        "cut.gz": gzip.compress(FIRST)[:-300],
        "inner.zip": zipped({"access.log": FIRST}),
        "inner.tar.gz": gzip.compress(tarred({"access.log": FIRST})),
        "bad\x1b[31m\nname.log": b"\x7fELF" + bytes(range(256)) * 20,
        "access.log": SECOND,
    }
    found, failures = await imported(place, written(tmp_path / "logs", pack(strange)))
    assert found == {"access.log": (50, 0)}
    told = {name: text.removeprefix(f"{tmp_path / 'logs'}: ") for name, text in failures.items()}
    assert "is no access log" in told["notes.txt"]
    assert "ends in the middle of its compressed data" in told["cut.gz"]
    assert "is an archive in an archive" in told["inner.zip"]
    assert "is an archive in an archive" in told["inner.tar.gz"]
    assert len(place.rows()) == 50
    assert all(text.isprintable() for text in told.values())
    assert len(told) == 5


@pytest.mark.parametrize("pack", [ARCHIVES["tar.gz"], ARCHIVES["tar"]], ids=["tar.gz", "tar"])
async def test_of_an_archive_that_is_cut_off_the_whole_files_count(
    place: Place, tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    noise = random.Random(1).randbytes(100_000).hex().encode()
    files = {"access.log": SECOND, "later.log": FIRST + noise}
    whole = pack(files)
    found, failures = await imported(place, written(tmp_path / "logs", whole[: len(whole) * 2 // 3]))
    assert found == {"access.log": (50, 0)}
    assert "later.log" in failures
    assert any("cut off" in text or "ends in the middle" in text for text in failures.values())
    assert len(place.rows()) == 50


@pytest.mark.parametrize("end", [-30, 300])
async def test_a_zip_without_its_end_is_told(tmp_path: Path, end: int) -> None:
    path = written(tmp_path / "logs.zip", zipped(FILES)[:end])
    with (
        pytest.raises(UserError, match=r"is a zip archive that is broken or cut off .*; copy it again"),
        open_logs(str(path)) as logs,
    ):
        next(logs)


async def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    data = bytearray(zipped({"access.log": FIRST}))
    # The flag in both headers of the file; what is encrypted is never looked at.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with open_logs(str(written(tmp_path / "logs.zip", bytes(data)))) as logs:
        [broken] = logs
    assert isinstance(broken, Broken)
    assert "is encrypted: unpack it with its password" in str(broken.error)


@pytest.mark.parametrize("data", [zipped({}), tarred({})])
async def test_an_archive_without_files_is_told(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path / "logs", data)
    with pytest.raises(UserError, match="holds no files"), open_logs(str(path)) as logs:
        next(logs)


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a\x07\1", "RAR"), (b"\x04\x22\x4d\x18", "lz4")],
)
async def test_what_only_its_own_program_unpacks_is_named(tmp_path: Path, start: bytes, what: str) -> None:
    path = written(tmp_path / "logs", start + bytes(100))
    with pytest.raises(UserError, match=rf"{what}.*: unpack it first"), open_logs(str(path)) as logs:
        next(logs)


async def test_what_stands_behind_gzip_is_left_out_and_told(place: Place, tmp_path: Path) -> None:
    path = written(tmp_path / "access.log.gz", gzip.compress(FIRST), b"-- end of backup --")
    one = await place.import_file(path)
    assert one.staged.lines == 100
    assert one.notes == ["something stands behind the compressed data that is none; it was left out"]
    assert (await place.import_file(path)).staged.lines == 0


@pytest.mark.parametrize("packed", ["gzip", "zip", "tar.gz"])
async def test_what_unpacks_to_far_more_than_a_log_does_is_refused(
    place: Place, tmp_path: Path, packed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_FREE_BYTES", 1_000_000)
    content = FIRST + b"\n" * 3_000_000
    data = {"gzip": gzip.compress, "zip": lambda one: zipped({"access.log": one})}.get(
        packed, lambda one: gzip.compress(tarred({"access.log": one}))
    )(content)
    before = await place.traces()
    try:
        found, failures = await imported(place, written(tmp_path / "access.log", data))
    except UserError as error:
        found, failures = {}, {"": str(error)}
    assert found == {}
    assert "unpacks to more than 250 times its size" in failures.popitem()[1]
    assert await place.traces() == before


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, bz2.compress])
async def test_what_a_pipe_brings_may_not_unpack_to_more_either(
    place: Place, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(unpacking, "_FREE_BYTES", 1_000_000)
    before = await place.traces()
    told = pytest.raises(UserError, match="unpacks to more than 250 times its size")
    with piped(pack(FIRST + b"\n" * 30_000_000)) as path, told:
        await place.import_file(path)
    assert await place.traces() == before


async def test_a_stream_that_says_nothing_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_MOST_IN_VAIN", 5_000_000)
    before = await place.traces()
    told = pytest.raises(UserError, match="in a row without a request")
    with piped(FIRST + b"junk\n" * 4_000_000) as path, told:
        await place.import_file(path)
    assert await place.traces() == before


@contextmanager
def piped(data: bytes) -> Iterator[Path]:
    """The end of a pipe that brings data: a file whose size nobody knows."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe, suppress(BrokenPipeError):
            pipe.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield Path(f"/proc/self/fd/{reading}")
    finally:
        os.close(reading)
        writer.join()


async def test_empty_lines_are_counted_wherever_they_stand(place: Place, tmp_path: Path) -> None:
    place.chunk_bytes = 1_000_000
    body = (
        line("/a")
        + b"\n" * 5_000_000
        + b"\r\n" * 100_000
        + b"junk\n"
        + b"\n" * 3_000_000
        + line("/b")
        + b"\n"
    )
    path = written(tmp_path / "access.log.gz", gzip.compress(body))
    one = await place.import_file(path)
    assert one.staged.buckets == {"crawls": 2, "rejected": 1, "empty": 8_100_001}
    assert [(bad.line, bad.text) for bad in one.staged.rejected] == [(5_100_002, "junk")]
    assert one.staged.lines == 8_100_004
