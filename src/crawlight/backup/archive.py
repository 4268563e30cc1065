"""The file of a backup: a tar archive, compressed with Zstandard, that ends with a list of what is in it.

The list has the size and the SHA-256 of every file, so a backup that was cut off or damaged is refused whole.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from crawlight.errors import UserError
from crawlight.kit.disk import for_whom
from crawlight.kit.printable import printable
from crawlight.kit.zstd import zstd

VERSION: Final = 1
LIST: Final = "backup.json"
_PIECE: Final = 1024 * 1024
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC


class Contents(msgspec.Struct):
    """The list at the archive's end."""

    crawlight: str
    made_at: datetime
    rows: dict[str, int]
    """Rows of each table of the events store."""
    elsewhere: list[str] = []
    files: dict[str, tuple[int, str]] = {}
    """Size and SHA-256 by name."""
    version: int = VERSION


def write(target: Path, folders: list[tuple[Path, str]], contents: Contents) -> None:
    """Write everything below some folders under their names; nothing is left of a file that fails."""
    part = target.with_name(target.name + ".part")
    try:
        with open(part, "xb", opener=_private) as file:
            with zstd.open(file, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
                for folder, name in folders:
                    _add(archive, folder, name, contents)
                _add_list(archive, contents)
            file.flush()
            os.fsync(file.fileno())
        check(part)
        part.rename(target)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}{for_whom(error)}") from None
    finally:
        with suppress(OSError):
            part.unlink()


def check(path: Path, unpack_to: Path | None = None) -> Contents:
    """Read a backup to its end, and unpack it where that is asked for. Raises UserError where it is not whole."""
    found, contents = dict[str, tuple[int, str]](), None
    try:
        with _opened(path) as archive:
            for member in archive:
                if member.name == LIST:
                    contents = msgspec.json.decode(_read(archive, member), type=Contents)
                else:
                    _take(archive, member, found, unpack_to)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}{for_whom(error)}") from None
    except (tarfile.TarError, zstd.ZstdError, EOFError, msgspec.MsgspecError, ValueError) as error:
        raise UserError(f"{path} is no whole backup: {error}") from None
    if contents is None or contents.files != found:
        raise UserError(f"{path} is no whole backup: what is in it is not what was put into it")
    if contents.version != VERSION:
        raise UserError(
            f"{path} was made by Crawlight {printable(contents.crawlight, 40)}; restore it with that version"
        )
    return contents


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    with (
        path.open("rb") as file,
        zstd.open(file, "rb") as packed,
        tarfile.open(fileobj=cast(IO[bytes], packed), mode="r|") as archive,
    ):
        yield archive


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _add(archive: tarfile.TarFile, folder: Path, name: str, contents: Contents) -> None:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        inside = str(Path(name) / path.relative_to(folder))
        if path.is_file() and not path.is_symlink():
            with _hashed(path) as file:
                member = archive.gettarinfo(arcname=inside, fileobj=file.file)
                archive.addfile(member, cast(IO[bytes], file))
                contents.files[inside] = (member.size, file.hash.hexdigest())
        else:
            archive.add(path, inside, recursive=False)


def _add_list(archive: tarfile.TarFile, contents: Contents) -> None:
    data = msgspec.json.encode(contents)
    member = tarfile.TarInfo(LIST)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _take(
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    found: dict[str, tuple[int, str]],
    unpack_to: Path | None,
) -> None:
    """Note a file, and write it, folders and links where they are wanted.

    Not by `TarFile.extract`: the filter that keeps it inside a folder is missing from Debian 12's Python.
    """
    if member.isfile() and (file := archive.extractfile(member)):
        found[member.name] = (member.size, _copied(file, member, unpack_to))
    elif unpack_to is not None and member.isdir():
        _make(_inside(unpack_to, member.name))
    elif unpack_to is not None and member.issym():
        target = _inside(unpack_to, member.name)
        _inside(unpack_to, str(Path(member.name).parent / member.linkname))
        _make(target.parent)
        target.symlink_to(member.linkname)


def _copied(file: IO[bytes], member: tarfile.TarInfo, unpack_to: Path | None) -> str:
    """Read a file, and write it where it is wanted; answers its hash."""
    digest = hashlib.sha256()
    if unpack_to is None:
        while piece := file.read(_PIECE):
            digest.update(piece)
        return digest.hexdigest()
    target = _inside(unpack_to, member.name)
    # Whatever its mode was before, or in a backup of an older version: it is the owner's alone.
    _make(target.parent)
    with os.fdopen(os.open(target, _NEW, 0o600), "wb") as unpacked:
        while piece := file.read(_PIECE):
            digest.update(piece)
            unpacked.write(piece)
        unpacked.flush()
        os.utime(unpacked.fileno(), (member.mtime, member.mtime))
        os.fsync(unpacked.fileno())
    return digest.hexdigest()


def _make(folder: Path) -> None:
    """Make a folder, and those around it, the owner's alone."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700)


def _inside(folder: Path, name: str) -> Path:
    """Where a name leads; raises ReadError for one that leads out of the folder."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise tarfile.ReadError(f"{name} leads out of the folder")
    return target


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


class _Hashed:
    """Hashes what is read through it."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.hash.update(data)
        return data


@contextmanager
def _hashed(path: Path) -> Iterator[_Hashed]:
    with path.open("rb") as file:
        yield _Hashed(file)
