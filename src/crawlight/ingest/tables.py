"""Tables as text: comma-separated values and their like, whose first line names the columns. Each row becomes JSON."""

import csv
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from crawlight.ingest.importers.json_keys import NAMES
from crawlight.ingest.importers.json_records import plain

_DELIMITERS: Final = (",", "\t", ";", "|")
_NAME: Final = re.compile(r"[A-Za-z_@][\w .@()/-]{0,60}")
_FEWEST: Final = 3
_NEEDED: Final = (("time", "date"), ("target", "request"), ("user_agent",))


class Table(msgspec.Struct, frozen=True):
    """The columns of a table."""

    names: tuple[str, ...]
    delimiter: str

    def row(self, line: bytes) -> bytes:
        """A line as JSON: nothing for the one that names the columns, and the line itself where it has others."""
        values = _values(line, self.delimiter)
        if len(values) != len(self.names):
            return line
        if tuple(values) == self.names:
            return b""
        return msgspec.json.encode(dict(zip(self.names, values, strict=True)))


def table_of(first: bytes) -> Table | None:
    """The table whose first line this is, where its columns are what an import needs."""
    for delimiter in _DELIMITERS:
        names = _values(first, delimiter)
        if len(names) >= _FEWEST and all(map(_NAME.fullmatch, names)) and _is_log({*map(plain, names)}):
            return Table(tuple(names), delimiter)
    return None


def _is_log(names: set[str]) -> bool:
    return all(any(not names.isdisjoint(NAMES[role]) for role in roles) for roles in _NEEDED)


def _values(line: bytes, delimiter: str) -> Sequence[str]:
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []
