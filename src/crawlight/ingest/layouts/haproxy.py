"""HAProxy's ``log-format``: https://docs.haproxy.org/3.0/configuration.html#8.2.6.

Captured headers have no names in it: what they are is seen from their values in the first lines.
"""

import re
from collections.abc import Sequence
from typing import Final

from crawlight.ingest.layouts.finding import role_of
from crawlight.ingest.layouts.layout import Field, Layout, Token, cut, layout_of
from crawlight.ingest.layouts.moments import shape_of
from crawlight.ingest.layouts.pattern import Pattern

_ROLES: Final = {
    "ci": ("address", 1),
    "tr": ("time", 0),
    "t": ("time", 1),
    "trg": ("time", 0),
    "trl": ("time", 0),
    "T": ("time", 1),
    "Tl": ("time", 1),
    "Ts": ("time", 2),
    "HM": ("method", 0),
    "HU": ("target", 0),
    "HP": ("target", 2),
    "HPO": ("target", 1),
    "HQ": ("query", 0),
    "r": ("request", 0),
    "ST": ("status", 0),
}
_KINDS: Final = {
    "tr": "ncsa loose",
    "t": "ncsa loose",
    **dict.fromkeys(("trg", "trl", "T", "Tl"), "ncsa"),
    "Ts": "number",
}
_SHAPES: Final = {
    "HQ": r"(?:\?[^\s\"]*)?",
    "HV": r"HTTP/[\d.]+|<BADREQ>",
    **dict.fromkeys(("hr", "hs"), r"(?:\{[^}]*\})?"),
    **dict.fromkeys(("hrl", "hsl"), ".*"),
}
# What a sample expression is: the first that is found in it.
_FETCHES: Final = (
    (r"user-?_?agent|\bua\b", ("user_agent", 0)),
    (r"x-forwarded-for|\bxff\b", ("forwarded", 0)),
    (r"hdr\(host|\bhost\b", ("host", 0)),
    (r"^(?:fc_)?src(?:$|,)", ("address", 1)),
    (r"^(?:capture\.req\.|txn\.)?method\b", ("method", 0)),
    (r"^(?:capture\.req\.uri|url|pathq|path)\b", ("target", 0)),
    (r"^query\b", ("query", 0)),
    (r"^(?:txn\.)?status\b", ("status", 0)),
    (r"^(?:accept_|request_)?date\b", ("time", 3)),
)
_VARIABLE: Final = re.compile(
    r"%(?:\{(?P<flags>[^}]*)\})?(?:\((?P<named>[\w.]+)(?::\w+)?\))?"
    r"(?:\[(?P<fetch>(?:[^\[\]]|\[[^\]]*\])*)\]|(?P<name>[a-zA-Z]{1,3}(?![a-zA-Z])))"
)
MARKS: Final = re.compile(
    r"%(?:\{[+-][QXE,+-]*\})?(?:\(\w+\))?(?:\[|(?:ci|tr|trg|trl|ST|HM|HU|HP|HPO|hr|ft)\b)"
)
"""Finds what only HAProxy's formats have, and Apache's do not."""
_STATEMENT: Final = re.compile(r"\s*(?:log-format\s+)")
_STRFTIME: Final = re.compile(r"[lu]time\(\"?([^)\"]*)\"?\)")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def text_of(given: str) -> str:
    """What the format writes: without statement, quotes and the backslashes before blanks."""
    text = _STATEMENT.sub("", given, count=1).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)


def layout(given: str, lines: Sequence[bytes]) -> Layout:
    """The layout of a format, for a log with such first lines. Raises UserError where it names no variables."""
    text = text_of(given)
    captured = _captured(lines)
    tokens = cut(
        text, _VARIABLE, lambda found: _token(found, captured), lambda literal: literal.replace("%%", "%")
    )
    return _with_roles(layout_of(tokens, "%variables of HAProxy"), lines)


def _token(found: re.Match[str], captured: int) -> list[Token]:
    name = found["name"] or ""
    if name == "hr" and captured:
        parts = [Field(f"captured {number + 1}", shape=r"[^|}]*") for number in range(captured)]
        between: list[Token] = [one for part in parts for one in ("|", part)]
        return ["{", *between[1:], "}"]
    field = _fetched(found[0], found["fetch"]) if found["fetch"] is not None else _named(found[0], name)
    return ['"', field, '"'] if "+Q" in (found["flags"] or "") else [field]


def _named(text: str, name: str) -> Field:
    return Field(text, *_ROLES.get(name, ("", 0)), shape=_SHAPES.get(name, ""), kind=_KINDS.get(name, ""))


def _fetched(text: str, expression: str) -> Field:
    role, rank = next((found for like, found in _FETCHES if re.search(like, expression.lower())), ("", 0))
    if role != "time":
        return Field(text, role, rank)
    form = _STRFTIME.search(expression)
    kind = f"strftime {form[1]}" if form else "number"
    shape_of(kind)
    return Field(text, role, rank, kind=kind)


def _captured(lines: Sequence[bytes]) -> int:
    """How many headers of the request most lines have captured: they stand in the first braces."""
    found = [one for line in lines if (one := _BRACES.search(line.decode("latin-1")))]
    return max((one[1].count("|") + 1 for one in found), default=0)


def _with_roles(plain: Layout, lines: Sequence[bytes]) -> Layout:
    """Give captured headers and other unnamed values the role that their values show."""
    pattern = Pattern(plain)
    values: dict[int, list[str]] = {}
    for line in lines:
        for place, field, value in pattern.cut(line):
            if not field.role:
                values.setdefault(place, []).append(value.decode("latin-1"))
    roles = {place: role for place, of_place in values.items() if (role := role_of(of_place))}
    tokens = (
        Field(one.name, roles[place], 5, one.shape) if isinstance(one, Field) and place in roles else one
        for place, one in enumerate(plain.tokens)
    )
    return Layout(tuple(tokens))
