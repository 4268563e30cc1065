"""``LogFormat`` of Apache: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats."""

import re
from typing import Final

from crawlight.errors import UserError
from crawlight.ingest.layouts.layout import Field, Layout, Token, cut, layout_of
from crawlight.ingest.layouts.moments import shape_of

_ROLES: Final = {
    "r": ("request", 0),
    "m": ("method", 0),
    "U": ("target", 0),
    "q": ("query", 0),
    "s": ("status", 1),
    "v": ("host", 1),
    "V": ("host", 0),
    "a": ("address", 4),
    "h": ("address", 5),
    "b": ("size", 0),
    "B": ("size", 1),
    "O": ("size", 2),
    "D": ("duration", 0),
    "T": ("duration", 2),
}
_UNITS_OF_TIMES: Final = {"us": "us", "ms": "ms", "s": "s"}
"""Of %{UNIT}T: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats."""
_HEADERS: Final = {
    "user-agent": ("user_agent", 0),
    "x-forwarded-for": ("forwarded", 0),
    "host": ("host", 2),
    "x-forwarded-host": ("host", 3),
    "cf-connecting-ip": ("address", 0),
    "true-client-ip": ("address", 1),
    "x-real-ip": ("address", 2),
    "x-client-ip": ("address", 3),
}
_SHAPES: Final = {
    "q": r"(?:\?[^\s\"]*)?",
    "s": r"\d{3}|-",
    "X": r"[X+-]",
    **dict.fromkeys("bBOISDTpPkL", r"\d+(?:\.\d+)?|-"),
}
_KNOWN: Final = frozenset("aABbCDefhHiklLmnopPqrRsStTuUvVXIO")
_UNITS: Final = frozenset(("sec", "msec", "usec", "msec_frac", "usec_frac"))
_DIRECTIVE: Final = re.compile(r"%(?:!?\d{3}(?:,\d{3})*)?([<>]?)(?:\{([^}]*)\})?([<>]?)(\^t[io]|[a-zA-Z%])")
_STATEMENT: Final = re.compile(r"\s*LogFormat\s+(?=\")", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*([\w.-]+)?\s*', re.DOTALL)
_ESCAPES: Final = {r"\"": '"', r"\\": "\\", r"\t": "\t", r"\n": "\n"}


def text_of(given: str) -> str:
    """What the format writes: the quoted text, unescaped, without statement and name."""
    statement = _STATEMENT.match(given)
    rest = given[statement.end() :] if statement else given.strip()
    if found := _QUOTED.fullmatch(rest):
        rest = found[1]
    elif statement:
        raise UserError('the format of LogFormat has to stand in quotes, with \\" for those inside')
    return re.sub(r"\\[\"\\tn]", lambda escape: _ESCAPES[escape[0]], rest)


def layout(given: str) -> Layout:
    """The layout of a format as it stands in Apache's configuration. Raises UserError for unknown directives."""
    text = text_of(given)
    tokens = cut(text, _DIRECTIVE, _token)
    if odd := re.search(r"%\S*", "".join(one for one in tokens if isinstance(one, str)).replace("%%", "")):
        raise UserError(f"{odd[0]} is no directive of Apache's LogFormat")
    return Layout(_with_whole_times(layout_of(tokens, "% directives").tokens))


def _token(found: re.Match[str]) -> list[Token]:
    given, name, sign = found[2], found[4], found[1] or found[3]
    if name == "%":
        return ["%%"] if given else ["%"]
    if name not in _KNOWN and not name.startswith("^"):
        raise UserError(f"%{name} is no directive of Apache's LogFormat")
    if name == "t":
        return _time(given)
    if name == "i":
        return [Field(found[0], *_HEADERS.get((given or "").lower(), ("", 0)))]
    role, rank = _ROLES.get(name, ("", 0))
    if (name, given) == ("a", "c") or (name, sign) == ("s", ">"):
        rank += 1 if name == "a" else -1
    if name in ("T", "D"):
        unit = "us" if name == "D" else _UNITS_OF_TIMES.get(given or "s", "")
        role, rank = (role, rank - bool(given)) if unit else ("", 0)
        return [Field(found[0], role, rank, _SHAPES[name], unit)]
    return [Field(found[0], role, rank, _SHAPES.get(name, ""))]


def _time(given: str | None) -> list[Token]:
    """Without a format it is the usual one, in brackets of its own."""
    if not given:
        return ["[", Field("%t", "time", kind="ncsa"), "]"]
    form = given.removeprefix("begin:").removeprefix("end:")
    name = f"%{{{given}}}t"
    if form in _UNITS:
        if form.endswith("_frac"):
            return [Field(name, "fraction", shape=r"\d{3,6}")]
        return [Field(name, "time", 1, kind="number")]
    if form == "%d/%b/%Y:%H:%M:%S %z" or form == "%d/%b/%Y:%T %z":
        return [Field(name, "time", kind="ncsa")]
    shape_of(f"strftime {form}")
    return [Field(name, "time", kind=f"strftime {form}")]


def _with_whole_times(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Make one field of a time that is written with several directives, as ``%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t``."""
    whole: list[Token] = []
    for token in tokens:
        if _goes_on(whole, token) and isinstance(token, Field):
            between, first = whole.pop(), whole.pop()
            if isinstance(between, Field):
                whole.append(first)
                first, between = between, ""
            whole.append(_both(first, str(between), token))  # type: ignore[arg-type]
        else:
            whole.append(token)
    return tuple(_forget_fraction(one) for one in whole)


def _goes_on(before: list[Token], token: Token) -> bool:
    if not _is_time(token) or len(before) < 2:
        return False
    return _is_time(before[-1]) or (_is_time(before[-2]) and len(str(before[-1])) <= 2)


def _is_time(token: Token) -> bool:
    return isinstance(token, Field) and (token.role == "fraction" or token.kind.startswith("strftime"))


def _both(first: Field, between: str, second: Field) -> Field:
    forms = [
        "%f" if one.role == "fraction" else one.kind.removeprefix("strftime ") for one in (first, second)
    ]
    return Field(first.name + between + second.name, "time", kind=f"strftime {forms[0]}{between}{forms[1]}")


def _forget_fraction(token: Token) -> Token:
    if isinstance(token, Field) and token.role == "fraction":
        return Field(token.name, shape=token.shape)
    return token
