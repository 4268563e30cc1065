"""What every importer says of its log format, and the words of SQL that several of them share."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from crawlight.ingest.layouts.quick import Way
from crawlight.ingest.layouts.request import Request

if TYPE_CHECKING:
    from crawlight.ingest.layouts.layout import Layout

NO_REQUEST: Final = "no request"
"""The ``reason`` of a line that is no request of a visitor, and no fault either: a header, a server's message."""

NO_HOST: Final = "no host in it: all lines count for the domain"
"""The note of a format that does not say which site a request was for."""

CHUNK: Final = "file({chunk:String}, 'LineAsString', 'line String')"
"""The lines of a chunk, as a table with the column ``line``."""

NOT_PEOPLE: Final = """
user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_people)
    OR host NOT IN (SELECT host FROM import_hosts)
"""
"""What the lines of a format with hosts have to be: those of other hosts are counted, whoever sent them."""


OfHeader = Callable[[bytes, Sequence[bytes]], "Format"]


class Format(msgspec.Struct, frozen=True):
    """A log format.

    ``parse`` is a ClickHouse query over `CHUNK` that answers, for every line whose user agent is not in the table
    ``import_people``, the columns ``ts`` (Nullable(DateTime('UTC'))), ``method``, ``target``, ``status`` (UInt16,
    0 where the server knew none), ``user_agent`` (LowCardinality(Nullable(String)): NULL where the line has no
    such field, empty where the client sent none), ``address`` (all that the line says of whose request it was, put
    together by `chain`), ``reason`` (why the line is rejected, `NO_REQUEST`, or empty) and ``rejected_line`` (that
    line). Empty lines are answered as rejected. Leaving out early those whom earlier chunks showed to be people saves
    a third of the work: they are the most.

    A format with ``hosts`` answers also ``host`` (LowCardinality(String)), as it is logged or empty, and the lines
    that `NOT_PEOPLE` names. One with ``measures`` answers these, too, as the texts that are logged, each with
    its unit: ``size``, in bytes, and ``duration``, in a unit that `measures.time_in` knows.
    """

    name: str
    title: str
    recognises: Callable[[bytes], bool]
    """Says whether a line is one of this format, whole."""
    parse: str
    hosts: bool = False
    measures: tuple[tuple[str, str], ...] = ()
    quoted: Way | None = None
    """How `ingest.quoted` can read the lines: it is quicker, and leaves to ``parse`` what it has doubts about."""
    fitted: "Callable[[Sequence[bytes], Mapping[str, str]], Format] | None" = None
    """The format as the log with these first lines has it; the mapping names keys, as ``--key`` does."""
    note: str = ""
    """What was found out about this log, for people."""
    read: Callable[[bytes], Request | str] | None = None
    """Reads one line by itself, or says why it cannot: for the few lines that ``parse`` leaves over."""
    of_header: "OfHeader | None" = None
    """The format of the lines behind another header, and some of those lines, where headers say what follows."""
    layout: "Layout | None" = None
    """What a line of text holds, where the format is made of one."""


FORWARDED: Final = (
    "(?:^|[ ,;])(?:(?i:for=)|(?:[0-9]{1,3}(?:[.][0-9]{1,3}){3}(?::[0-9]{1,5})?"
    "|[[]?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:[]](?::[0-9]{1,5})?)?)$)"
)
"""Matches (RE2) a field of which the last entry is an address, or one of RFC 7239: those whom proxies spoke for."""


def chain(*sources: str) -> str:
    """SQL: the chain of `bots.visitors.visitor_of` from Strings, the farthest source first; each may be empty or ``-``.

    That is: True-Client-IP, CF-Connecting-IP, X-Forwarded-For or Forwarded, then the server's own client address.
    """
    return f"arrayStringConcat([{', '.join(sources)}], ',')"


def moment(text: str) -> str:
    """SQL: the DateTime of a Nullable(String), or NULL: Unix seconds, ms, µs or ns, RFC 3339 and its like, NCSA's.

    What a number counts is seen by its size: 11 digits are seconds until the year 5138, milliseconds before 1973.
    """
    return f"""if((multiIf(
        match({text}, '^[0-9]{{1,19}}([.][0-9]*)?$'),
            intDiv(toInt64OrNull(substringIndex({text}, '.', 1)) AS moment_number,
                multiIf(moment_number < 100000000000, 1, moment_number < 100000000000000, 1000,
                    moment_number < 100000000000000000, 1000000, 1000000000)),
        match({text}, '^[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ][0-9]'),
            toUnixTimestamp64Second(parseDateTime64BestEffortOrNull({text}, 0, 'UTC')),
        toInt64(parseDateTimeOrNull({text}, '%d/%b/%Y:%H:%i:%s %z', 'UTC'))
    ) AS moment_value) BETWEEN 1 AND 4294967295, toDateTime(moment_value, 'UTC'), NULL)"""


def json_object(line: bytes) -> dict[str, object] | None:
    """The JSON object of a line, or None. Bytes that are no UTF-8 are forgiven, as servers write them."""
    text = line.decode("utf-8", "replace")
    return _object(text) or (_object(_mended(text)) if text.lstrip().startswith("{") else None)


def _object(text: str) -> dict[str, object] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError):
        return None


_OCTET: Final = re.compile(r"\\x([0-9A-Fa-f]{2})")
_NO_VALUE: Final = re.compile(r'(" {0,4}: {0,4})-? {0,4}(?=[,}])')
_LAST_COMMA: Final = re.compile(r", {0,4}(?=\}?$)")


def _mended(text: str) -> str:
    """What servers write whose formats only look like JSON: ``\\x22``, numbers that are missing, a last comma."""
    return _LAST_COMMA.sub("", _NO_VALUE.sub(r"\1null", _OCTET.sub(r"\\u00\1", text.rstrip())))
