"""A layout reads one line: for the first lines of a log, and for those that the engine's way leaves over."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from crawlight.ingest.layouts.layout import Field, Layout
from crawlight.ingest.layouts.moments import unix_seconds
from crawlight.ingest.layouts.request import Request, method_and_target
from crawlight.ingest.layouts.shapes import shape
from crawlight.ingest.measures import SIZE, TIME, reader_of

LONGEST: Final = 16_384
"""Bytes of a line that is still read by itself: what is longer may take forever."""

UNCLEAR: Final = "quotes inside of fields leave unclear where they end"
UNLIKE: Final = "not of the format"
_GREEDY: Final = (".*", r"\S*")
_NOTHING: Final = (b"", b"-")
_MEMBERS: Final = {SIZE: "size", TIME: "milliseconds"}


class Pattern:
    """Reads lines of one layout, one at a time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._places = layout.places
        self._quotes = sum(one.count('"') for one in layout.tokens if isinstance(one, str))

    def matches(self, line: bytes) -> re.Match[bytes] | None:
        """The fields of a line, in groups ``f0``, ``f3``, ... by their places, as short as they can be."""
        return self._match(unescaped(line), lazy=True) if len(line) <= LONGEST else None

    def read(self, line: bytes) -> Request | str:
        """What a line says, or why it says nothing: where quotes inside of fields can be read in two ways, too."""
        plain = unescaped(line)
        found = self._match(plain, lazy=True) if len(line) <= LONGEST else None
        if found is None:
            return UNLIKE
        request = self._request(found)
        if isinstance(request, str) or plain.count(b'"') == self._quotes:
            return request
        other = self._match(plain, lazy=False)
        return request if other and self._request(other) == request else UNCLEAR

    def recognises(self, line: bytes) -> bool:
        """Whether a line is one of the layout, whole: not one that is still being written, as far as that shows."""
        whole = self._layout.tokens[-1] != '"' or line.rstrip().endswith(b'"')
        return whole and isinstance(self.read(line), Request)

    def cut(self, line: bytes) -> Iterator[tuple[int, Field, bytes]]:
        """Places, fields and values of a line; none where it is no line of the layout."""
        if found := self.matches(line):
            for place, field in self._layout.fields():
                yield place, field, found[f"f{place}"]

    def _match(self, plain: bytes, *, lazy: bool) -> re.Match[bytes] | None:
        # A line that was cut short may lack its last quote.
        closed = plain.rstrip().endswith(b'"')
        return _compiled(self._layout, lazy=lazy, closed=closed).fullmatch(plain)

    def _request(self, found: re.Match[bytes]) -> Request | str:
        values = {role: self._decoded(role, found[f"f{place}"]) for role, place in self._places.items()}
        ts = self._moment(values)
        if ts is None:
            return "no time that can be read"
        if "request" in values:
            method, target = method_and_target(values["request"])
        else:
            method, target = values.get("method", b"GET"), _target(values)
        status = values.get("status", b"")
        agent = values.get("user_agent", b"")
        return Request(
            ts=ts,
            user_agent=b"" if agent in _NOTHING else agent,
            method=method,
            target=target,
            status=int(status) if status.isdigit() else 0,
            client=client_of(values),
            host=values.get("host"),
            **self._measured(values),
        )

    def _measured(self, values: Mapping[str, bytes]) -> dict[str, int]:
        units = self._layout.measures
        return {_MEMBERS[role]: reader_of(role, units)(values[role]) for role in units}

    def _moment(self, values: Mapping[str, bytes]) -> int | None:
        if "time" in values:
            field = self._layout.field_of("time")
            return unix_seconds(values["time"].decode("latin-1"), (field.kind if field else "") or "any")
        return unix_seconds(f"{values['date'].decode()} {values['clock'].decode()}", "iso")

    def _decoded(self, role: str, value: bytes) -> bytes:
        if role == "user_agent" and self._layout.decoded == "plus":
            return value.replace(b"+", b" ")
        if role == "user_agent" and self._layout.decoded == "url":
            return unquote_to_bytes(value)
        return value


def unescaped(line: bytes) -> bytes:
    """A line as all ways of reading have it: escaped quotes become ``'``, escaped backslashes a slash, as in URLs."""
    if b"\\" not in line:
        return line.rstrip(b"\r")
    return line.rstrip(b"\r").replace(b"\\\\", b"/").replace(b'\\"', b"'")


def client_of(values: Mapping[str, bytes]) -> bytes:
    """The addresses of a proxy's header where there are any, and behind them that of the server's own client."""
    address, forwarded = values.get("address", b""), values.get("forwarded", b"")
    return address if forwarded in _NOTHING else forwarded.replace(b" ", b",") + b"," + address


def _target(values: Mapping[str, bytes]) -> bytes:
    target, query = values.get("target", b""), values.get("query", b"").removeprefix(b"?")
    return target if query in _NOTHING or b"?" in target else target + b"?" + query


@lru_cache(512)
def _compiled(layout: Layout, *, lazy: bool, closed: bool) -> re.Pattern[bytes]:
    pieces = []
    for place, token in enumerate(layout.tokens):
        if isinstance(token, str):
            pieces.append(literal(token))
            continue
        found = shape(layout, place, exact=False)
        pieces.append(f"(?P<f{place}>{found}{'?' if lazy and found in _GREEDY else ''})")
    if layout.tokens[-1] == '"' and not closed:
        pieces.pop()
    return re.compile(("".join(pieces) + r"\s*").encode(), re.DOTALL)


def literal(text: str) -> str:
    """A regular expression for literal text: one space may have become several."""
    return " +".join(re.escape(piece) for piece in re.split(" +", text))
