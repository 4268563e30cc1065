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
_ZONE: Final = " [UTC]"
"""What Azure writes behind the names of columns with times."""
_FEWEST: Final = 2
_LINES: Final = ("message", "@message", "line", "content", "textpayload", "raw", "log", "msg", "body")
"""Columns that hold a server's whole line, as names are compared."""
_NEEDED: Final = (("time", "date"), ("target", "request"), ("user_agent",))


class Table(msgspec.Struct, frozen=True):
    """The columns of a table."""

    names: tuple[str, ...]
    delimiter: str
    line: int | None = None
    """The column with a server's line, where the others do not say what an import needs."""

    def row(self, line: bytes) -> bytes:
        """A line as JSON, or what is in the column of lines.

        Nothing for the line that names the columns, and the line itself where it has others.
        """
        values = _values(line, self.delimiter)
        if len(values) != len(self.names):
            return line
        if tuple(map(_name, values)) == self.names:
            return b""
        if self.line is not None:
            return values[self.line].replace("\n", " ").encode()
        return msgspec.json.encode(dict(zip(self.names, values, strict=True)))


def table_of(first: bytes) -> Table | None:
    """The table whose first line this is, where its columns are what an import needs."""
    for delimiter in _DELIMITERS:
        names = [*map(_name, _values(first, delimiter))]
        if len(names) < _FEWEST or not all(map(_NAME.fullmatch, names)):
            continue
        compared = [*map(plain, names)]
        if _is_log({*compared}):
            return Table(tuple(names), delimiter)
        if line := next((one for one in _LINES if one in compared), None):
            return Table(tuple(names), delimiter, compared.index(line))
    return None


def _name(text: str) -> str:
    return text.removesuffix(_ZONE)


def _is_log(names: set[str]) -> bool:
    return all(any(not names.isdisjoint(NAMES[role]) for role in roles) for roles in _NEEDED)


def _values(line: bytes, delimiter: str) -> Sequence[str]:
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []
