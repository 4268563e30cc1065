"""``--log-format``: the format of a log as it stands in the configuration of the server that writes it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.format import Format
from crawlight.ingest.importers.formats import FORMATS
from crawlight.ingest.importers.json_lines import JSON
from crawlight.ingest.layouts import apache, nginx, w3c
from crawlight.ingest.layouts.formats import format_of
from crawlight.ingest.layouts.nginx import ROLE_OF

LONGEST: Final = 4_000
"""Characters of a format."""
_MEMBER: Final = re.compile(r'"([^"$]+)"\s*:\s*"?\$\{?(\w+)\}?(?:[^",}]*)"?')


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
    if "$" in text and nginx.text_of(text).lstrip().startswith("{"):
        return _json(nginx.text_of(text), lines)
    if "$" in text:
        return format_of("nginx", "nginx log_format", nginx.layout(text))
    if "%" in text:
        return format_of("apache", "Apache LogFormat", apache.layout(text))
    raise UserError(
        "--log-format takes nginx's log_format with its $variables, Apache's LogFormat with its % directives, or"
        " the #Fields: of a W3C log, as they stand in the configuration"
    )


def _json(text: str, lines: Sequence[bytes]) -> Format:
    """JSON of nginx: its members say which key holds what."""
    keys: dict[str, tuple[int, str]] = {}
    for key, variable in _MEMBER.findall(text):
        role, rank = ROLE_OF.get(variable, ("", 0))
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
