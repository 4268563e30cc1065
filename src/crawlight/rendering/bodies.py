"""The bodies of snapshots: each stored once, under the hash of its content, compressed as it will be sent."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from crawlight.kit.zstd import zstd

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

Encoding = Literal["gzip", "zstd"]

_ENDINGS: Final = {"gzip": "gz", "zstd": "zst"}
_ZSTD_LEVEL: Final = 9
_CHECKED: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: _ZSTD_LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}
_GZIP_LEVEL: Final = 7
"""Compressed once and sent often; higher levels take many times longer for a few bytes."""

_ONE_TRY: Final = timedelta(seconds=4)
_RETRIES: "Final[RetryConfig]" = {"max_retries": 2, "retry_timeout": timedelta(seconds=3)}
"""A store that is away is known to be so before the crawler that waits has gone."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""Uncompressed. What claims to be larger is damaged."""


class SnapshotStoreError(Exception):
    """The snapshot store is away, or refused."""


class Body(msgspec.Struct, frozen=True):
    """One body in both encodings."""

    gzip: bytes
    zstd: bytes

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return len(self.gzip) + len(self.zstd)

    def plain(self) -> bytes:
        """The body uncompressed."""
        return unpack(self.zstd)


def pack(content: bytes) -> Body:
    """Compress a body in both ways."""
    return Body(gzip.compress(content, _GZIP_LEVEL, mtime=0), zstd.compress(content, _ZSTD_LEVEL))


def pack_small(content: bytes) -> bytes:
    """Compress what is kept beside a page in a table."""
    return zstd.compress(content, 3)


def unpack(data: bytes) -> bytes:
    """The content of a zstd body. Raises ValueError for what is none."""
    try:
        return zstd.ZstdDecompressor().decompress(data, MOST_BYTES)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None


def content_hash(content: bytes) -> bytes:
    """The 32 bytes under which a body is stored."""
    return blake2b(content, digest_size=32).digest()


class Bodies:
    """The store: a folder (``file://``), S3, GCS or Azure, by its URL."""

    def __init__(self, url: str) -> None:
        self._store = _open(url)

    async def put(self, content: bytes) -> tuple[bytes, Body]:
        """Store a body in both encodings; answers its hash and what was stored. Raises SnapshotStoreError."""
        digest = content_hash(content)
        body = await asyncio.to_thread(pack, content)
        await asyncio.gather(
            self._put(_name(digest, "gzip"), body.gzip), self._put(_name(digest, "zstd"), body.zstd)
        )
        return digest, body

    async def put_once(self, content: bytes) -> bytes:
        """Store a body that is only looked at, in one encoding; answers its hash. Raises SnapshotStoreError."""
        digest = content_hash(content)
        await self._put(_name(digest, "zstd"), await asyncio.to_thread(zstd.compress, content, _ZSTD_LEVEL))
        return digest

    async def get(self, digest: bytes) -> Body | None:
        """A body as it was stored; None where it is gone or damaged. Raises SnapshotStoreError."""
        packed, small = await asyncio.gather(
            self._get(_name(digest, "gzip")), self._get(_name(digest, "zstd"))
        )
        if packed is None or small is None or not _is_whole(digest, packed, small):
            return None
        return Body(packed, small)

    async def content(self, digest: bytes) -> bytes | None:
        """A body uncompressed; None where it is gone or damaged. Raises SnapshotStoreError."""
        small = await self._get(_name(digest, "zstd"))
        return _plain(digest, small) if small is not None else None

    async def put_beside(self, digest: bytes, name: str, content: bytes) -> None:
        """Store what was made of a body beside it, by name; it goes when that goes. Raises SnapshotStoreError."""
        await self._put(_beside(digest, name), await asyncio.to_thread(_packed, content))

    async def beside(self, digest: bytes, name: str) -> bytes | None:
        """What was stored beside a body; None where there is nothing, or it is damaged. Raises SnapshotStoreError."""
        packed = await self._get(_beside(digest, name))
        return _checked(packed) if packed is not None else None

    async def names(self) -> AsyncIterator[list[tuple[str, datetime]]]:
        """Names of all objects with the time they were last written, in pieces. Raises SnapshotStoreError."""
        try:
            async for some in self._store.list():
                yield [(one["path"], one["last_modified"]) for one in some]
        except (BaseError, OSError) as error:
            raise SnapshotStoreError(str(error)) from error

    async def remove(self, names: list[str]) -> None:
        """Remove objects. Raises SnapshotStoreError."""
        try:
            await self._store.delete_async(names)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise SnapshotStoreError(str(error)) from error

    async def _put(self, name: str, data: bytes) -> None:
        try:
            await self._store.put_async(name, data)
        except (BaseError, OSError) as error:
            raise SnapshotStoreError(str(error)) from error

    async def _get(self, name: str) -> bytes | None:
        try:
            answer = await self._store.get_async(name)
            return bytes(await answer.bytes_async())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise SnapshotStoreError(str(error)) from error


def hash_of(name: str) -> bytes | None:
    """The hash in an object's name; None for what is not ours."""
    stem, _, ending = name.rpartition("/")[2].partition(".")
    try:
        return bytes.fromhex(stem) if ending.rpartition(".")[2] in _ENDINGS.values() else None
    except ValueError:
        return None


def _open(url: str) -> ObjectStore:
    if url.startswith("file://"):
        folder = Path(url.removeprefix("file://"))
        return LocalStore(folder, mkdir=True, automatic_cleanup=False)
    # Where the operator's endpoint is http, so be it.
    options: ClientConfig = {"timeout": _ONE_TRY, "connect_timeout": _ONE_TRY, "allow_http": True}
    return from_url(url, client_options=options, retry_config=_RETRIES)


def _name(digest: bytes, encoding: Encoding) -> str:
    text = digest.hex()
    return f"{text[:2]}/{text}.{_ENDINGS[encoding]}"


def _packed(content: bytes) -> bytes:
    """What has no hash of its own brings a checksum along."""
    return zstd.compress(content, options=_CHECKED)


def _checked(packed: bytes) -> bytes | None:
    """The content of what has a checksum; None where it is damaged or cut short."""
    reader = zstd.ZstdDecompressor()
    try:
        content = reader.decompress(packed, MOST_BYTES)
    except zstd.ZstdError:
        return None
    return content if reader.eof else None


def _beside(digest: bytes, name: str) -> str:
    text = digest.hex()
    return f"{text[:2]}/{text}.{name}.zst"


def _is_whole(digest: bytes, packed: bytes, small: bytes) -> bool:
    """Say whether both encodings hold what the hash names: a crash may have cut them short."""
    content = _plain(digest, small)
    if content is None:
        return False
    try:
        return gzip.decompress(packed) == content
    except (OSError, EOFError, zlib.error):
        return False


def _plain(digest: bytes, small: bytes) -> bytes | None:
    try:
        content = unpack(small)
    except ValueError:
        return None
    return content if content_hash(content) == digest else None
