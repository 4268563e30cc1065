"""Logs in object stores: which objects under a prefix are new, and their content as files."""

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from crawlight.database.engine import Database
from crawlight.domains import imports
from crawlight.domains.imports import HEAD_BYTES, ImportedFile
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.ingest.handover import new_run
from crawlight.ingest.staged import Target
from crawlight.kit import clock
from crawlight.kit.printable import printable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_AT_ONCE: Final = 500
"""Names that are asked for at a time: databases bound the parameters of a query."""

_SECRETS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_NO_BUCKET = re.compile(r"NoSuchBucket|bucket does not exist|ContainerNotFound|404", re.IGNORECASE)
_REFUSED = re.compile(
    r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|credential|token|401|403|Unauth|169\.254\.",
    re.IGNORECASE,
)


class Object(NamedTuple):
    """One object: its path in the store, where that is, and what tells it from others of its name."""

    url: str
    path: str
    size: int
    written: datetime
    tag: str

    @property
    def fingerprint(self) -> str:
        """Names it in the ledger as no file's start can."""
        return f"{HEAD_BYTES}:{sha256(f'object {self.url} {self.size} {self.tag}'.encode()).hexdigest()}"


class Objects:
    """The objects under a prefix, such as ``s3://bucket/logs/2026-``, or that a pattern means."""

    def __init__(self, url: str) -> None:
        """Raises UserError where the URL names no bucket."""
        self.url = url
        scheme, _, place = url.partition("://")
        bucket, _, rest = place.partition("/")
        if not bucket:
            raise UserError(f"{url} names no bucket: say {scheme}://BUCKET/PREFIX")
        self._scheme, self._root = scheme, f"{scheme}://{bucket}"
        self._wanted = rest
        self._folder = re.split(r"[*?[]", rest)[0].rpartition("/")[0]
        self._store = self._opened()

    async def new(self, database: Database, target: Target) -> list[Object]:
        """Those that not all the domains have yet, the oldest first. Raises UserError as the store does."""
        found = sorted(await self._list(), key=lambda one: (one.written, one.path))
        if not found:
            raise UserError(f"there is nothing under {printable(self.url)}")
        known = await _known(database, target, [one.fingerprint for one in found])
        return [one for one in found if one.fingerprint not in known]

    @asynccontextmanager
    async def fetched(self, one: Object) -> AsyncIterator[Path]:
        """An object as a file, which is removed afterwards. Raises UserError as the store does."""
        with TemporaryDirectory(prefix="crawlight-import-") as folder:
            file = Path(folder) / (re.sub(r"[^\w.-]", "_", one.path.rpartition("/")[2]) or "log")
            try:
                answer = await self._store.get_async(one.path)
                with file.open("wb") as content:
                    async for piece in answer.stream():
                        content.write(piece)
            except Exception as error:
                raise self._told(error) from None
            yield file

    def _opened(self) -> "ObjectStore":
        from obstore.store import from_url

        options: ClientConfig = {"timeout": timedelta(seconds=60), "connect_timeout": timedelta(seconds=5)}
        if os.environ.get("AWS_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT", "")).startswith("http://"):
            options["allow_http"] = True
        retries: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
        try:
            return from_url(self._root, client_options=options, retry_config=retries)
        except Exception as error:
            raise self._told(error) from None

    async def _list(self) -> list[Object]:
        found: list[Object] = []
        try:
            async for some in self._store.list(self._folder or None):
                for one in some:
                    if one["size"] and self._is_meant(one["path"]):
                        tag = one["e_tag"] or str(one["last_modified"])
                        url = f"{self._root}/{one['path']}"
                        found.append(Object(url, one["path"], one["size"], one["last_modified"], tag))
        except Exception as error:
            raise self._told(error) from None
        return found

    def _is_meant(self, path: str) -> bool:
        if any(sign in self._wanted for sign in "*?["):
            return fnmatchcase(path, self._wanted)
        return path.startswith(self._wanted)

    def _told(self, error: Exception) -> UserError:
        """What to tell of an error: stores say it in many lines, and what to do in none."""
        said = str(error)
        if _NO_BUCKET.search(said):
            return UserError(f"there is no bucket {self._root}, or nothing of that name in it")
        if _REFUSED.search(said):
            return UserError(
                f"{self._root} cannot be read: credentials are missing or refused; set {_SECRETS[self._scheme]}"
            )
        return UserError(f"{self._root} cannot be read: {printable(said.partition(chr(10))[0])}")


async def note_object(database: Database, target: Target, one: Object) -> None:
    """Write into the ledger that an object was imported into the domains."""
    moment = clock.now()
    run = new_run()
    entries = [
        ImportedFile(
            domain_id=domain_id,
            fingerprint=one.fingerprint,
            since=int(target.since.timestamp()),
            until=int(target.until.timestamp()),
            starts="",
            format="object",
            offset=one.size,
            lines=0,
            tail="",
            run=run,
            updated_at=moment,
        )
        for domain_id in target.domains.values()
    ]
    async with database.write() as session:
        await imports.put(session, entries, entries)


async def _known(database: Database, target: Target, fingerprints: Sequence[str]) -> set[str]:
    """Those of the objects that the ledger has for every domain and the same times."""
    domains = set(target.domains.values())
    times = (int(target.since.timestamp()), int(target.until.timestamp()))
    had: dict[str, set[DomainId]] = {}
    for start in range(0, len(fingerprints), _AT_ONCE):
        asked = set(fingerprints[start : start + _AT_ONCE])
        async with database.read() as session:
            files = await imports.of_domains(session, domains, asked)
        for file in files:
            if file.fingerprint in asked and (file.since, file.until) == times:
                had.setdefault(file.fingerprint, set()).add(file.domain_id)
    return {fingerprint for fingerprint, found in had.items() if found >= domains}
