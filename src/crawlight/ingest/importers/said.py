"""``--log-format``: the format of a log as it stands in the configuration of the server that writes it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import Format
from crawlight.ingest.importers.formats import FORMATS
from crawlight.ingest.importers.json_lines import JSON
from crawlight.ingest.layouts import apache, caddy, envoy, haproxy, nginx, w3c
from crawlight.ingest.layouts.formats import format_of
from crawlight.ingest.layouts.nginx import ROLE_OF

LONGEST: Final = 4_000
"""Characters of a format."""
_MEMBER: Final = re.compile(r'"([^"$]+)"\s*:\s*"?\$\{?(\w+)\}?(?:[^",}]*)"?')

_MEMBER_OF_ENVOY: Final = re.compile(r'"([^"%]+)"\s*:\s*"?(%[A-Z][^"]*)"?')


def said_format(given: str, lines: Sequence[bytes]) -> Format:
    """The format that is said. Raises UserError where it is none, or lacks what an import needs."""
    text = given.strip()
    if not text or len(text) > LONGEST:
        raise UserError(f"--log-format takes a format of 1 to {LONGEST:,} characters")
    if text in FORMATS:
        named = FORMATS[text]
        return named.fitted(lines, {}) if named.fitted else named
    if text.startswith("#Fields:"):
        return w3c.of_header(text.encode(), lines)
    for written_so, format_said in _LANGUAGES:
        if written_so(text):
            return format_said(text, lines)
    raise UserError(
        "--log-format takes nginx's log_format with its $variables, Apache's LogFormat with its % directives,"
        " HAProxy's log-format, Envoy's or Caddy's format strings, or the #Fields: of a W3C log, as they stand in the"
        " configuration"
    )


def _of_nginx(text: str, lines: Sequence[bytes]) -> Format:
    if nginx.text_of(text).lstrip().startswith("{"):
        return _json(nginx.text_of(text), lines)
    return format_of("nginx", "nginx log_format", nginx.layout(text))


def _of_envoy(text: str, lines: Sequence[bytes]) -> Format:
    if text.startswith("{"):
        return _of_members(_members_of_envoy(text), lines)
    return format_of("envoy", "Envoy format string", envoy.layout(text))


def _of_haproxy(text: str, lines: Sequence[bytes]) -> Format:
    return format_of("haproxy", "HAProxy log-format", haproxy.layout(text, lines))


def _of_caddy(text: str, _lines: Sequence[bytes]) -> Format:
    return format_of("caddy-text", "Caddy format string", caddy.layout(text))


def _of_apache(text: str, _lines: Sequence[bytes]) -> Format:
    return format_of("apache", "Apache LogFormat", apache.layout(text))


_Written = tuple[Callable[[str], object], Callable[[str, Sequence[bytes]], Format]]
_LANGUAGES: Final[Sequence[_Written]] = (
    (lambda text: "$" in text, _of_nginx),
    (haproxy.MARKS.search, _of_haproxy),
    (envoy.OPERATOR.search, _of_envoy),
    (caddy.PLACEHOLDER.search, _of_caddy),
    (lambda text: "%" in text, _of_apache),
)
"""How a format is known to be written in a server's language, and what reads it; the first one that fits."""


def _json(text: str, lines: Sequence[bytes]) -> Format:
    """JSON of nginx: its members say which key holds what."""
    members = [(key, *ROLE_OF.get(variable, ("", 0))) for key, variable in _MEMBER.findall(text)]
    return _of_members(members, lines)


def _members_of_envoy(text: str) -> list[tuple[str, str, int]]:
    """The members of Envoy's JSON: key, role and rank."""
    members = []
    for found in _MEMBER_OF_ENVOY.finditer(text):
        if operator := envoy.OPERATOR.match(found[2]):
            field = envoy.field_of(operator)
            members.append((found[1], field.role, field.rank))
    return members


def _of_members(members: Sequence[tuple[str, str, int]], lines: Sequence[bytes]) -> Format:
    keys: dict[str, tuple[int, str]] = {}
    for key, role, rank in members:
        if role in _JSON_ROLES and (role not in keys or rank < keys[role][0]):
            keys[role] = (rank, key)
    if JSON.fitted is None:
        raise TypeError
    return msgspec.structs.replace(JSON.fitted(lines, _named(keys)), fitted=None)


_JSON_ROLES: Final = frozenset(
    ("time", "address", "host", "method", "target", "query", "request", "status", "user_agent")
)


def _named(keys: Mapping[str, tuple[int, str]]) -> dict[str, str]:
    named = {role: key for role, (_, key) in keys.items()}
    missing = [role for role in ("time", "user_agent") if role not in named]
    if missing or not ("request" in named or "target" in named):
        raise UserError(f"the JSON of --log-format lacks {', '.join(missing or ['the path'])}")
    return named
