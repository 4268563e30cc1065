"""W3C's extended log format, as IIS, Akamai and others write it: https://www.w3.org/TR/WD-logfile.html.

The header ``#Fields:`` says which fields the lines behind it have, and may come again with others. Values have no
spaces: IIS writes a plus for each (https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging). Times are UTC.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import Format
from crawlight.ingest.layouts.formats import format_of
from crawlight.ingest.layouts.layout import Field, Layout, Token, joined
from crawlight.ingest.layouts.query import rejecting

HEADER: Final = b"#Fields:"

_ROLES: Final = {
    "timestamp": ("time", 0),
    "timestamp(ms)": ("time", 1),
    "date": ("date", 0),
    "time": ("clock", 0),
    "cs-method": ("method", 0),
    "cs-uri-stem": ("target", 0),
    "cs-uri": ("target", 1),
    "cs-uri-path": ("target", 2),
    "cs-uri-query": ("query", 0),
    "sc-status": ("status", 0),
    "cs(user-agent)": ("user_agent", 0),
    "cs-user-agent": ("user_agent", 1),
    "x-host-header": ("host", 0),
    "cs-host": ("host", 1),
    "cs(host)": ("host", 2),
    "c-ip": ("address", 2),
    "cs-ip": ("address", 3),
    "cs(true-client-ip)": ("address", 0),
    "cs(cf-connecting-ip)": ("address", 1),
    "cs(x-forwarded-for)": ("forwarded", 0),
    "x-forwarded-for": ("forwarded", 1),
    "original-ip": ("forwarded", 2),
    "sc-bytes": ("size", 0),
    "time-taken": ("duration", 0),
}
_VALUES: Final = re.compile(rb'"[^"]*"|[^\s"]+')
# Akamai's cs-uri begins with the host: https://techdocs.akamai.com/log-delivery/docs/file-formats.
_WITH_HOST: Final = re.compile(rb"/?(?:[a-z0-9-]+\.)+[a-z]{2,}/.*")


def layout(header: str, lines: Sequence[bytes] = ()) -> Layout:
    """The layout that a header names. ``lines`` are some behind it: they show tabs, and which values are quoted."""
    names = header.partition(":")[2].split() if header.startswith("#") else header.split()
    values = next((found for line in lines if len(found := _VALUES.findall(line)) == len(names)), [])
    separator = "\t" if any(b"\t" in line for line in lines) else " "
    tokens: list[Token] = []
    for place, name in enumerate(names):
        value = values[place] if values else b""
        tokens += [separator if place else "", *_field(name, value)]
    plus = not any(value.startswith(b'"') for value in values) and separator == " "
    encoded = any(b"Mozilla/5.0%20" in line for line in lines)
    return Layout(joined(tokens), "url" if encoded else "plus" if plus else "", comment="#")


def _field(name: str, value: bytes) -> list[Token]:
    role, rank = _ROLES.get(name.lower(), ("", 0))
    if name == "cs-uri" and _WITH_HOST.fullmatch(value):
        return [
            "/" if value.startswith(b"/") else "",
            Field("cs-uri (host)", "host", 3),
            Field(name, role, rank, r"/\S*"),
        ]
    field = Field(name, role, rank, kind="iis" if role == "duration" else "")
    return ['"', field, '"'] if value.startswith(b'"') else [field]


def fitted(lines: Sequence[bytes], _keys: Mapping[str, str]) -> Format:
    """The format of a log that starts so. Raises UserError where no header is there, or it lacks what is needed."""
    for place, line in enumerate(lines):
        if line.startswith(HEADER):
            return of_header(line, lines[place + 1 :])
    raise UserError("it has no #Fields")


def of_header(header: bytes, lines: Sequence[bytes]) -> Format:
    """The format of the lines behind a header."""
    behind = [line for line in lines if not line.startswith(b"#")]
    text = header.decode("utf-8", "replace").strip()
    return format_of(
        W3C.name, W3C.title, layout(text, behind), f"{len(text.split()) - 1} fields", of_next_header
    )


def of_next_header(header: bytes, lines: Sequence[bytes]) -> Format:
    """As `of_header`, but lines that lack what is needed are rejected one by one: those before them are sound."""
    try:
        return of_header(header, lines)
    except UserError as error:
        return msgspec.structs.replace(W3C, parse=rejecting(str(error)), fitted=None)


W3C: Final = Format("w3c", "W3C extended (IIS)", lambda _line: False, "", fitted=fitted)
"""W3C's extended log format."""
