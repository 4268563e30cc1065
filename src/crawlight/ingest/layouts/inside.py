"""Values that are only a part of what stands between two spaces, quotes or brackets."""

import re
from collections.abc import Sequence
from typing import Final

from crawlight.ingest.layouts.layout import Field, Token
from crawlight.ingest.layouts.likely import HOST, NO_HOSTS
from crawlight.ingest.layouts.moments import SHAPES, WRITTEN, shape_of, unix_seconds

NEARLY_ALL: Final = 0.9
TIME: Final = "time inside"
STATUS: Final = "status inside"

_TIME: Final = re.compile(rf"(\[?)({SHAPES['any']})(?:\]| [^\]]*)")
# Squid's result codes: https://wiki.squid-cache.org/SquidFaq/SquidLogs#squid-result-codes.
_STATUS: Final = re.compile(r"[A-Z_]+/(?:[1-5]\d\d|000)")
LIKE: Final = {TIME: _TIME, STATUS: _STATUS}
"""What all values of a column with such a part look like."""


def kind_of(values: Sequence[str]) -> str:
    """The narrowest kind of time that fits all of them; empty where they can be read in two ways, or in none."""
    for kind, shape in SHAPES.items():
        if all(re.fullmatch(shape, value) for value in values):
            return kind
    written = [kind for kind in WRITTEN if all(unix_seconds(value, kind) for value in values)]
    if len(written) == 1:
        return written[0]
    some = any(re.fullmatch(shape_of(kind), value) for kind in WRITTEN for value in values)
    return "" if some else "any"


def tokens_of(part: str, values: Sequence[str]) -> tuple[Token, ...]:
    """What values hold of which `LIKE` says the part: a time in brackets of its own or before a level, a status."""
    if part == STATUS:
        return (Field("result", shape="[A-Z_]+"), "/", Field("status", "status", shape=r"\d{3}"))
    times = [found[2] for found in map(_TIME.fullmatch, values) if found]
    closed = values[0].startswith("[")
    rest: Token = "]" if closed else Field("rest", shape=r" [^\]]*")
    return ("[" if closed else "", Field("time", "time", kind=kind_of(times)), rest)


def begin_with_hosts(requests: Sequence[str]) -> bool:
    """Whether paths begin with the host, as Akamai logs them: ``GET /www.example.com/path HTTP/1.1``.

    The first slash may be missing, in all of them.
    """
    found = [re.match(rf"[A-Z]+ {front_of(requests)}({HOST})/", request) for request in requests]
    hosts = [one[1] for one in found if one]
    return len(hosts) >= len(requests) * NEARLY_ALL and not any(map(NO_HOSTS.fullmatch, hosts))


def front_of(requests: Sequence[str]) -> str:
    """What stands before the host."""
    return "/" if requests[0].partition(" ")[2].startswith("/") else ""


def with_host(requests: Sequence[str]) -> tuple[Token, ...]:
    """A request line that `begin_with_hosts` knows."""
    return (
        Field("method", "method"),
        f" {front_of(requests)}",
        Field("host", "host"),
        Field("target", "target", shape=r"/\S*"),
        " ",
        Field("protocol", shape=r"HTTP/[\d.]+"),
    )
