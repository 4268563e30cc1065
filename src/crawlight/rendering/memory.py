"""Snapshots in memory: the ones used last, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

import msgspec

from crawlight.domains.pages import path_digest
from crawlight.ids import DomainId
from crawlight.rendering.bodies import Body
from crawlight.rendering.privacy import WITHHELD

_OVERHEAD: Final = 1_500
"""Bytes that an entry takes beside its bodies."""

Key = tuple[DomainId, str]
"""Domain id and canonical path."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one stored render. ``taken_at`` is in Unix seconds, ``size`` in bytes uncompressed.

    ``status`` is what crawlers get (404 of a soft 404, too); ``location`` the absolute target of a redirect.
    ``headers`` are the page's own for crawlers; ``reason`` says how the status came about. After
    ``complete`` milliseconds nothing came any more (0: not known). At ``checked_at`` all that it was made of was last
    found unchanged (0: never).
    """

    id: int
    domain_id: DomainId
    path: str
    taken_at: float
    status: int
    location: str | None
    headers: Mapping[str, str]
    content_hash: bytes
    raw_hash: bytes
    size: int
    milliseconds: int
    complete: int
    reason: str
    checked_at: float = 0.0

    @property
    def fresh_since(self) -> float:
        """When it was last known to be what the site has, in Unix seconds: rendered, or found unchanged."""
        return max(self.taken_at, self.checked_at)

    @property
    def withheld(self) -> bool:
        """Say whether it is known only that the page is private, and nothing of it is kept."""
        return self.reason == WITHHELD


class Stored(msgspec.Struct, frozen=True):
    """A snapshot with its body, ready to be sent."""

    snapshot: Snapshot
    body: Body


class Written(msgspec.Struct, frozen=True):
    """The Markdown of a snapshot, ready to be sent. ``canonical`` is the page's address as it says itself."""

    text: bytes
    body: Body
    tokens: int
    canonical: str

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return len(self.text) + self.body.size


class Memory:
    """The bodies used last, bounded in bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.used = 0
        self._most = most_bytes
        self._entries: OrderedDict[Key, Stored] = OrderedDict()
        self._keys: dict[tuple[int, bytes], Key] = {}
        self._plain: dict[Key, bytes] = {}
        self._written: dict[Key, Written] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Stored | None:
        """The snapshot of a page, if it is held."""
        stored = self._entries.get(key)
        if stored is not None:
            self._entries.move_to_end(key)
        return stored

    def find(self, domain_id: DomainId, digest: bytes) -> Stored | None:
        """The same by the digest of the path; asking this way does not make it used."""
        key = self._keys.get((domain_id, digest))
        return self._entries.get(key) if key else None

    def put(self, stored: Stored) -> None:
        """Hold a snapshot, and let go of those used longest ago where the room is too small."""
        key = (stored.snapshot.domain_id, stored.snapshot.path)
        self.drop(key)
        self._entries[key] = stored
        self._keys[key[0], path_digest(key[1])] = key
        self.used += stored.body.size + _OVERHEAD
        self._make_room()

    def plain(self, stored: Stored) -> bytes:
        """The body uncompressed: kept beside a snapshot that is held, within the same bound."""
        key = (stored.snapshot.domain_id, stored.snapshot.path)
        if self._entries.get(key) is not stored:
            return stored.body.plain()
        plain = self._plain.get(key)
        if plain is None:
            plain = self._plain[key] = stored.body.plain()
            self.used += len(plain)
            self._make_room()
        return plain

    def written(self, stored: Stored) -> Written | None:
        """The Markdown of a snapshot that is held, if it was asked for before."""
        snapshot = stored.snapshot
        key = (snapshot.domain_id, snapshot.path)
        return self._written.get(key) if self._entries.get(key) is stored else None

    def write(self, stored: Stored, written: Written) -> None:
        """Hold the Markdown of a snapshot beside it, within the same bound."""
        snapshot = stored.snapshot
        key = (snapshot.domain_id, snapshot.path)
        if self._entries.get(key) is stored and key not in self._written:
            self._written[key] = written
            self.used += written.size
            self._make_room()

    def drop(self, key: Key) -> None:
        """Let go of a page's snapshot."""
        stored = self._entries.pop(key, None)
        if stored is not None:
            del self._keys[key[0], path_digest(key[1])]
            self.used -= stored.body.size + _OVERHEAD + len(self._plain.pop(key, b""))
            if (written := self._written.pop(key, None)) is not None:
                self.used -= written.size

    def _make_room(self) -> None:
        while self.used > self._most:
            self.drop(next(iter(self._entries)))
