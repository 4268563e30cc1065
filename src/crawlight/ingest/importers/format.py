"""What every importer says of its log format."""

from collections.abc import Callable

import msgspec


class Format(msgspec.Struct, frozen=True):
    """A log format.

    ``parse`` is a ClickHouse query over ``file({chunk:String}, 'LineAsString', 'line String')`` that answers,
    for every line that is not empty, the columns ``ts`` (Nullable(DateTime('UTC'))), ``method``, ``target``,
    ``status`` (UInt16), ``user_agent`` (NULL where the line has no such field, empty where the client sent
    none), ``address``, ``reason`` (why the line is rejected, else empty) and ``rejected_line`` (that line).
    """

    name: str
    title: str
    recognises: Callable[[bytes], bool]
    """Says whether a line is one of this format, whole."""
    parse: str
