"""One line read by itself: what an import wants to know of it."""

import re
from typing import Final, NamedTuple

_PROTOCOL: Final = re.compile(rb"HTTP/|[123](?:\.[019])?$")
"""How the last word of a request line begins where it is a protocol. Hypercorn writes its number alone."""

PROTOCOL_SQL: Final = "match({}, '^(?:HTTP/|[123](?:[.][019])?$)')"
"""The same of a text of SQL."""


class Request(NamedTuple):
    """A request as it is logged. ``host`` is None where the format has none."""

    ts: int
    """Unix seconds."""
    user_agent: bytes
    method: bytes
    target: bytes
    status: int
    """0 where the server knew none."""
    client: bytes
    """The chain of addresses that `bots.visitors.visitor_of` takes, without spaces."""
    host: bytes | None = None
    size: int = 0
    milliseconds: int = 0
    """0 where none was told, -1 where it cannot be read."""


def method_and_target(request: bytes) -> tuple[bytes, bytes]:
    """The first word of a request line, and what stands between it and the protocol: a target may hold spaces."""
    method, _, target = request.partition(b" ")
    front, _, last = target.rpartition(b" ")
    return method, front if _PROTOCOL.match(last) else target
