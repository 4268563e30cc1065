"""The logs of a file: the file itself, or those in an archive, each read as if it stood alone."""

import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from crawlight.errors import UserError
from crawlight.ingest.files import log_order
from crawlight.ingest.reading import Log
from crawlight.ingest.unpacking import Bounds
from crawlight.kit.disk import for_whom
from crawlight.kit.printable import printable, printable_path

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_HEADER: Final = 512
_TAR_BLOCK: Final = 1024 * 1024
_MOST_MEMBERS: Final = 10_000
_ENCRYPTED: Final = 1
# What macOS and Windows put beside the files that were meant.
_UNASKED: Final = ("__MACOSX/", "._", ".DS_Store", "Thumbs.db", "desktop.ini")


class Broken(NamedTuple):
    """A member of an archive that cannot be read, or the archive from here on."""

    name: str
    error: UserError
    archive: bool = True


Member = Log | Broken


@contextmanager
def open_logs(path: str, name: str = "") -> Iterator[Iterator[Member]]:
    """Open the logs of a file by path, ``-`` for standard input. Each is to be read before the next is asked for.

    ``name`` is what the file is called where that is not its path.
    Raises UserError where the file cannot be read at all.
    """
    if path == "-":
        with os.fdopen(sys.stdin.fileno(), "rb", closefd=False) as raw:
            yield _logs("standard input", raw, 0)
        return
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - closed below; only its opening is the user's to mend
    except OSError as error:
        whom = for_whom(error)
        # Its whole path: it may not be looked for where the command was typed.
        shown = printable_path(os.path.abspath(path))  # noqa: PTH100 - as it is written, links and all
        way = "; `crawlight import - < FILE` has your shell open it" if whom else ""
        raise UserError(f"cannot open {shown}: {error.strerror}{whom}{way}") from None
    with raw:
        yield _logs(printable_path(name or path), raw, os.fstat(raw.fileno()).st_size)


def _logs(name: str, raw: io.BufferedReader, size: int) -> Iterator[Member]:
    if raw.peek(4).startswith(_ZIP):
        yield from _of_zip(name, raw, size)
        return
    bounds = Bounds(name, size)
    log = Log(name, raw, size, bounds)
    if _is_tar(log.beginning()):
        yield from _of_tar(log, raw, bounds)
    else:
        yield log


def _of_zip(name: str, raw: io.BufferedReader, size: int) -> Iterator[Member]:
    if not raw.seekable():
        raise UserError(f"{name} is a zip archive, whose list of files stands at its end: give it as a file")
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], raw))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UserError(
            f"{name} is a zip archive that is broken or cut off ({error}); copy it again"
        ) from None
    bounds = Bounds(name, size)
    with archive:
        files = {one.filename: one for one in archive.infolist() if not one.is_dir()}
        meant = log_order(filter(_is_meant, files))
        if not meant:
            raise UserError(f"{name} holds no files")
        _check_number(name, len(meant))
        for member in meant:
            content = partial(_unzipped, archive, files[member])
            yield _inner(f"{name}: {printable(member)}", content, raw, size, bounds)


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    if member.flag_bits & _ENCRYPTED:
        raise UserError("it is encrypted: unpack it with its password, and import what comes out")
    try:
        return archive.open(member)
    except NotImplementedError:
        raise UserError(
            "it is compressed in a way that only its own program knows: unpack it first"
        ) from None
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError) as error:
        raise UserError(str(error)) from None


def _of_tar(log: Log, raw: io.BufferedReader, bounds: Bounds) -> Iterator[Member]:
    number = 0
    try:
        with tarfile.open(fileobj=cast(IO[bytes], log), mode="r|", bufsize=_TAR_BLOCK) as archive:
            for member in archive:
                if member.isreg() and _is_meant(member.name):
                    number += 1
                    _check_number(log.name, number)
                    content = partial(_extracted, archive, member)
                    yield _inner(f"{log.name}: {printable(member.name)}", content, raw, log.size, bounds)
                cast(
                    list[object], vars(archive)["members"]
                ).clear()  # Kept for going back, which nobody does.
    except tarfile.TarError as error:
        told = f"{log.name} is a tar archive that is broken or cut off ({error}); copy it again"
        yield Broken(log.name, UserError(told))
        return
    except UserError as error:
        yield Broken(log.name, error)
        return
    if not number:
        raise UserError(f"{log.name} holds no files")


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], archive.extractfile(member))


def _inner(
    name: str, content: Callable[[], IO[bytes]], archive: io.BufferedReader, size: int, bounds: Bounds
) -> Member:
    """A file in an archive. It may be compressed, but is no archive itself."""
    try:
        raw = cast(io.BufferedReader, io.BufferedReader(cast(io.RawIOBase, content())))
        log = Log(name, raw, size, bounds, archive)
        if raw.peek(4).startswith(_ZIP) or _is_tar(log.beginning()):
            raise UserError("it is an archive in an archive: unpack one of them")
    except UserError as error:
        told = str(error)
        return Broken(name, error if told.startswith(name) else UserError(f"{name} cannot be read: {told}"))
    return log


def _is_tar(start: bytes) -> bool:
    """Whether a file begins with the header of a member, whose checksum fits."""
    if len(start) < _TAR_HEADER or not start.strip(b"\0"):
        return False
    try:
        tarfile.TarInfo.frombuf(start[:_TAR_HEADER], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _is_meant(name: str) -> bool:
    return not name.startswith(_UNASKED[0]) and not name.rpartition("/")[2].startswith(_UNASKED[1:])


def _check_number(name: str, members: int) -> None:
    if members > _MOST_MEMBERS:
        raise UserError(f"{name} has more than {_MOST_MEMBERS:,} files: unpack it, and import them")
