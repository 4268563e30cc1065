"""Envoy's format strings: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage."""

import re
from typing import Final

from crawlight.ingest.layouts.layout import Field, Layout, cut, layout_of
from crawlight.ingest.layouts.moments import shape_of

_ROLES: Final = {
    "START_TIME": ("time", 0),
    "RESPONSE_CODE": ("status", 0),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": ("address", 0),
    "DOWNSTREAM_REMOTE_ADDRESS": ("address", 1),
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT": ("address", 2),
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS": ("address", 3),
    "REQUESTED_SERVER_NAME": ("host", 1),
}
_HEADERS: Final = {
    ":METHOD": ("method", 0),
    ":PATH": ("target", 0),
    "X-ENVOY-ORIGINAL-PATH": ("target", 0),
    ":AUTHORITY": ("host", 0),
    "HOST": ("host", 0),
    "USER-AGENT": ("user_agent", 0),
    "X-FORWARDED-FOR": ("forwarded", 0),
    "X-ENVOY-EXTERNAL-ADDRESS": ("address", 1),
}
_SHAPES: Final = {
    "PROTOCOL": r"[\w./-]*",
    "RESPONSE_CODE": r"\d{1,3}|-",
    "BYTES_SENT": r"\d+|-",
    "BYTES_RECEIVED": r"\d+|-",
    "DURATION": r"\d+|-",
}
OPERATOR: Final = re.compile(r"%([A-Z][A-Z0-9_]+)(?:\(((?:[^()]|\([^()]*\))*)\))?(?::\d+)?%")
_UNIX: Final = re.compile(r"%s(?:\.?%\d?f)?")


def layout(given: str) -> Layout:
    """The layout of a format string. Raises UserError where it has no operators."""
    text = given.strip().removesuffix("\\n")
    tokens = cut(text, OPERATOR, lambda found: [field_of(found)], lambda literal: literal.replace("%%", "%"))
    return layout_of(tokens, "%OPERATORS% of Envoy")


def field_of(found: re.Match[str]) -> Field:
    """The field of an operator that `OPERATOR` found."""
    name, given = found[1], found[2]
    if name == "START_TIME":
        return Field(found[0], "time", kind=_kind(given or ""))
    if name == "REQ":
        roles = [_HEADERS[one.upper()] for one in (given or "").split("?") if one.upper() in _HEADERS]
        return Field(found[0], *(roles[0] if roles else ("", 0)))
    return Field(found[0], *_ROLES.get(name, ("", 0)), shape=_SHAPES.get(name, ""))


def _kind(form: str) -> str:
    """How the time is written: as ISO 8601 unless a format is said, of which ``%3f`` are digits of a second."""
    if not form:
        return "iso"
    if _UNIX.fullmatch(form):
        return "number"
    kind = f"strftime {re.sub(r'%[1-9]f', '%f', form)}"
    shape_of(kind)
    return kind
