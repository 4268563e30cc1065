"""The plain way to read a combined log: a strict regular expression over every line."""

import gzip
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from crawlight.bots.matcher import classify
from crawlight.kit.urls import canonical_path, kind_of

_LINE = re.compile(
    rb'(\S+) \S+ \S+ \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-) "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)"?'
)


class Seen(NamedTuple):
    """What a line comes to in the store."""

    ts: datetime
    kind: str
    agent: str
    key: str
    status: int
    path: str


def lines_of(log: Path) -> list[bytes]:
    return gzip.decompress(log.read_bytes()).splitlines()


def records(lines: Iterable[bytes]) -> list[Seen]:
    return sorted(filter(None, map(_record, lines)))


def _record(line: bytes) -> Seen | None:
    match = _LINE.match(line)
    if match is None:
        return None
    agent = classify(_text(match[5]))
    method, _, rest = match[3].partition(b" ")
    path = canonical_path(_text(rest.rpartition(b" HTTP/")[0]))
    if agent is None or method not in (b"GET", b"HEAD") or path is None or kind_of(path) == "asset":
        return None
    page = "robots" if kind_of(path) == "robots" else "crawl"
    kind = "library" if agent.category == "library" else page
    ts = datetime.strptime(match[2].decode(), "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    return Seen(ts, kind, agent.name, agent.key or "", int(match[4]), path)


def _text(raw: bytes) -> str:
    text = raw.replace(b'\\"', b"'").replace(b"\\\\", b"/").decode("utf-8", "surrogateescape")
    return "" if text == "-" else text
