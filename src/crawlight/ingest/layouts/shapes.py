"""What a field's value may look like: by its role, else by what stands around it."""

from typing import Final

from crawlight.ingest.layouts.layout import Field, Layout
from crawlight.ingest.layouts.moments import shape_of

_OF_ROLE: Final = {
    "date": r"\d{4}[-/]\d{2}[-/]\d{2}",
    "clock": r"\d{2}:\d{2}:\d{2}(?:[.,]\d+)?",
    "method": r"[A-Za-z_-]+|-",
    "status": r"\d{3}|-1|-",
    "scheme": r"[A-Za-z]*|-",
    "size": r"[^\s\"\]|,;]*",
    "duration": r"[^\s\"\]|,;]*?",
}


def shape(layout: Layout, place: int, *, exact: bool) -> str:
    """A regular expression, without groups, for the value of a field.

    ``exact`` leaves out what makes a value hard to tell from its neighbours: quotes inside of quotes, and spaces
    where nothing holds them together.
    """
    field = layout.tokens[place]
    if not isinstance(field, Field):
        raise TypeError(place)
    if field.role == "time":
        return shape_of(field.kind or "any")
    if found := field.shape or _OF_ROLE.get(field.role):
        return found
    return _by_surroundings(layout, place, field) if exact else _loose(layout, place, field)


def _by_surroundings(layout: Layout, place: int, field: Field) -> str:
    before, behind = layout.surroundings(place)
    if field.role == "host":
        return _HOST
    if behind.startswith('"'):
        return '[^"]*'
    if behind.startswith("]") and before.endswith("["):
        return r"[^\]]*"
    if behind.startswith("}") and before.endswith("{"):
        return r"[^}]*"
    if field.role == "target" and behind == "" and place + 1 < len(layout.tokens):
        return r"[^\s?]*"
    if behind and not behind[0].isspace():
        return _not(behind[0])
    if place + 1 == len(layout.tokens) and not before.endswith((" ", "\t", '"')):
        return ".*"
    return r"[^\t]*" if behind.startswith("\t") else r"\S*"


def _not(sign: str) -> str:
    return rf"[^\{sign}]*" if not sign.isalnum() else r"\S*?"


def _loose(layout: Layout, place: int, field: Field) -> str:
    before, behind = layout.surroundings(place)
    quoted = before.endswith('"') and (behind.startswith('"') or place + 1 == len(layout.tokens))
    if quoted or field.role in ("request", "user_agent", "target", "forwarded") or field.name in _SPACED:
        return ".*"
    if behind.startswith("\t"):
        return r"[^\t]*"
    return _by_surroundings(layout, place, field)


_HOST: Final = r"\[[0-9A-Fa-f:.]+\](?::\d+)?|[^\s\",/?\[\]]*"

_SPACED: Final = frozenset({"$remote_user", "%u", "%l", "user", "%{remote_user}e"})
"""Names of people may hold spaces, and quotes."""
