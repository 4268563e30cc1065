"""Files that we keep for a site and send to anybody: those that it has hosted, and its key for search engines."""

import gzip
from collections import OrderedDict
from typing import Final

from crawlight.database.engine import Database
from crawlight.domains.hosted import content_of
from crawlight.domains.sites import Site
from crawlight.edge.decision import File, PageRequest
from crawlight.ids import DomainId
from crawlight.kit.accept import takes_gzip

MOST_HELD_BYTES: Final = 32 * 1024 * 1024
"""Of hosted files, compressed, in the memory of a process; others are read when they are asked for."""

_FRESH_SECONDS: Final = 300
_TEXT: Final = "text/plain; charset=utf-8"
_XML: Final = "application/xml; charset=utf-8"

_Key = tuple[DomainId, str]


class Files:
    """All of them, for all sites of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: OrderedDict[_Key, tuple[bytes, bytes]] = OrderedDict()
        self._bytes = 0

    async def asked(self, site: Site, request: PageRequest) -> File | None:
        """The file that is asked for; None where it is none of these, or where calls are only to be recorded."""
        if (key := site.agents.indexnow_key) and request.path == f"/{key}.txt":
            return File("none", "indexnow_key", 200, {"content-type": _TEXT}, _FRESH_SECONDS, key.encode())
        path = request.path.partition("?")[0]
        if path not in site.hosted or request.passthrough:
            return None
        packed = await self._content(site, path)
        return _sent(path, packed, request.accept_encoding) if packed is not None else None

    async def _content(self, site: Site, path: str) -> bytes | None:
        """What is sent for a path, compressed (gzip): the one that the site is known to have, or a newer one."""
        key, wanted = (site.id, path), site.hosted[path]
        held = self._held.get(key)
        if held is not None and held[0] == wanted:
            self._held.move_to_end(key)
            return held[1]
        found = await content_of(self._database, site.id, path)
        if found is None:
            return None
        self._hold(key, (found.hash, found.gzip))
        return found.gzip

    def _hold(self, key: _Key, found: tuple[bytes, bytes]) -> None:
        self._bytes -= len(self._held.pop(key, (b"", b""))[1])
        self._held[key] = found
        self._bytes += len(found[1])
        while self._bytes > MOST_HELD_BYTES:
            _, (_, dropped) = self._held.popitem(last=False)
            self._bytes -= len(dropped)


def _sent(path: str, packed: bytes, accept_encoding: bytes) -> File:
    headers = {"content-type": _XML if path.endswith(".xml") else _TEXT, "vary": "accept-encoding"}
    if takes_gzip(accept_encoding.decode("latin-1")):
        return File(
            "none", "hosted_file", 200, headers | {"content-encoding": "gzip"}, _FRESH_SECONDS, packed
        )
    return File("none", "hosted_file", 200, headers, _FRESH_SECONDS, gzip.decompress(packed))
