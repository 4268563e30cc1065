"""What every importer says of its log format."""

from collections.abc import Callable

import msgspec


class Format(msgspec.Struct, frozen=True):
    """A log format.

    ``parse`` is a ClickHouse query over ``file({chunk:String}, 'LineAsString', 'line String')`` that answers, for
    every line whose user agent is not in the table ``import_people``, the columns ``ts``
    (Nullable(DateTime('UTC'))), ``method``, ``target``, ``status`` (UInt16), ``user_agent``
    (LowCardinality(Nullable(String)): NULL where the line has no such field, empty where the client sent none),
    ``address``, ``reason`` (why the line is rejected, else empty) and ``rejected_line`` (that line). Empty lines
    are answered as rejected. Leaving out early those whom earlier chunks showed to be people saves a third of
    the work: they are the most.
    """

    name: str
    title: str
    recognises: Callable[[bytes], bool]
    """Says whether a line is one of this format, whole."""
    parse: str
