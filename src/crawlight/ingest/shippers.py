"""Lines in the records of shippers: which of a record's texts is a server's line."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

_METHOD: Final = rb"(?:GET|HEAD|POST|PUT|OPTIONS|PROPFIND|DELETE|PATCH)"
_TIME: Final = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?"

SHIPPED: Final = (
    rb"(?=\{[^\n]*\}\r?$)([^\n]*?(?:\\\""
    + _METHOD
    + rb" |\"(?:message|textPayload|line|msg|raw)\"[ ]?:[ ]?\"\{\\\")[^\n]*)\}"
)
"""Records with a text in which a request stands in quotes, or JSON. Many records of requests have a message, too."""
LEVEL: Final = rb"(?i:trace|debug|info|notice|warn|warning|error)"
"""How important a program finds what it tells; no name of a machine."""
TIMED: Final = rb"\[?(" + _TIME + rb")(?![^\s\]])[^\n{\"]{0,80}\{(\s*\"[^\n]*\})[^\n}]{0,20}"
"""A time, words and a record, which mostly has no time: Fluentd's files, Monolog, and others."""
FLUENT_BIT: Final = rb"\[\d+\] \S+: \[[^\n]*?\"(?:log|message)\"=>\"((?:[^\"\\\n]|\\[^\n])*)\"[^\n]*"
"""What Fluent Bit writes to its standard output."""

_KEYS: Final = ("message", "textPayload", "line", "msg", "raw")
_DEEPEST: Final = 5
_AGENT: Final = re.compile(rb"agent", re.IGNORECASE)
_WITH_AGENT: Final = re.compile(rf'\s*\{{|.*"{_METHOD.decode()} [^"]*".*"[^"]*"', re.DOTALL)
_OWN_TIME: Final = re.compile(rb'"(?:@timestamp|time|timestamp|ts)"\s*:')


def one_line(text: bytes) -> bytes:
    """A text without line feeds."""
    return text.rstrip(b"\r\n").replace(b"\n", b" ")


def shipped(found: re.Match[bytes]) -> bytes:
    """The line within a record; the record itself where it says of a request what its line does not, or has several."""
    try:
        record = msgspec.json.decode(found[0].rstrip().decode("utf-8", "replace"), type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError):
        return found[0]
    own = next((text for key in _KEYS if isinstance(text := record.get(key), str)), "")
    lines = {own} if _WITH_AGENT.match(own) else {text for text in _texts(record) if _WITH_AGENT.match(text)}
    if not lines and own and not _AGENT.search(found[0]):
        lines = {own}
    return one_line(lines.pop().encode("utf-8", "surrogatepass")) if len(lines) == 1 else found[0]


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """The texts of a record that are no JSON."""
    if isinstance(value, str):
        if not value.lstrip().startswith("{"):
            yield value
    elif depth < _DEEPEST and isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner, depth + 1)


def timed(found: re.Match[bytes]) -> bytes:
    """The record, with the time before it where it has none."""
    if _OWN_TIME.search(found[2]):
        return b"{" + found[2]
    return b'{"@timestamp":"' + found[1] + b'",' + found[2]


def fluent_bit(found: re.Match[bytes]) -> bytes:
    """The line, whose quotes are escaped."""
    return found[1].replace(b'\\"', b'"').replace(b"\\n", b"")
