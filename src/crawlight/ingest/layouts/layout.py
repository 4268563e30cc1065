"""What a line of text holds, in its order: literal text, and fields between."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import msgspec

from crawlight.errors import UserError

ROLES: Final = {
    "time": "the time",
    "date": "the date",
    "clock": "the time of day",
    "request": "the request line",
    "method": "the method",
    "target": "the path",
    "query": "the query",
    "scheme": "the scheme",
    "status": "the status code",
    "user_agent": "the user agent",
    "host": "the host",
    "address": "the visitor's address",
    "forwarded": "the addresses of a proxy's header",
    "size": "the size of the answer",
    "duration": "the time it took",
}
"""What a field can be to an import; all other fields are passed over."""


class Field(msgspec.Struct, frozen=True):
    """One value of a line. ``name`` is what the server's configuration calls it."""

    name: str
    role: str = ""
    """One of `ROLES`, or empty."""
    rank: int = 0
    """Of several fields with the same role the one with the lowest rank is taken."""
    shape: str = ""
    """A regular expression for its values, without groups; empty where its neighbours tell where it ends."""
    kind: str = ""
    """How a time is written: see `moments`. Of a duration its unit: see `measures`."""


Token = str | Field


class Layout(msgspec.Struct, frozen=True, dict=True):
    """The literal texts and fields of a line, from its start to its end."""

    tokens: tuple[Token, ...]
    decoded: str = ""
    """How values were encoded: ``plus`` has a plus sign for each space, ``url`` is URL-encoded."""
    comment: str = ""
    """What lines begin with that are no requests."""

    def fields(self) -> Iterator[tuple[int, Field]]:
        """Places and fields."""
        return ((place, one) for place, one in enumerate(self.tokens) if isinstance(one, Field))

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of the field that is taken for each role."""
        found: dict[str, int] = {}
        for place, field in self.fields():
            best = found.get(field.role)
            if field.role and (best is None or field.rank < self._field(best).rank):
                found[field.role] = place
        return found

    def field_of(self, role: str) -> Field | None:
        """The field that is taken for a role."""
        place = self.places.get(role)
        return None if place is None else self._field(place)

    @property
    def measures(self) -> dict[str, str]:
        """The fields with sizes and times, and their units."""
        found = {role: self.field_of(role) for role in ("size", "duration")}
        return {role: field.kind for role, field in found.items() if field}

    def missing(self) -> list[str]:
        """What an import needs and no field has, in words."""
        places = self.places
        needed = {
            "the time": "time" in places or {"date", "clock"} <= places.keys(),
            "the path or request line": "request" in places or "target" in places,
            "the user agent": "user_agent" in places,
        }
        return [words for words, there in needed.items() if not there]

    def surroundings(self, place: int) -> tuple[str, str]:
        """The literal texts right before and behind a field; empty at an end, and between two fields."""
        before = self.tokens[place - 1] if place else ""
        behind = self.tokens[place + 1] if place + 1 < len(self.tokens) else ""
        return (
            before if isinstance(before, str) else "",
            behind if isinstance(behind, str) else "",
        )

    def _field(self, place: int) -> Field:
        field = self.tokens[place]
        if not isinstance(field, Field):
            raise TypeError(place)
        return field


def cut(
    text: str,
    pattern: re.Pattern[str],
    taken: Callable[[re.Match[str]], Sequence[Token]],
    literal: Callable[[str], str] = str,
) -> list[Token]:
    """A format's text in tokens: what the pattern finds is ``taken`` for some, and what stands between is literal."""
    tokens: list[Token] = []
    place = 0
    for found in pattern.finditer(text):
        tokens += [literal(text[place : found.start()]), *taken(found)]
        place = found.end()
    return [*tokens, literal(text[place:])]


def layout_of(tokens: Sequence[Token], what: str) -> Layout:
    """The layout of some tokens. Raises UserError where no fields, which ``what`` names, are among them."""
    if not any(isinstance(one, Field) for one in tokens):
        raise UserError(f"no {what} are in the format")
    return Layout(joined(tokens))


def joined(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with literal texts that follow each other made one."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if isinstance(token, str) and isinstance(last, str):
            result[-1] = last + token
        elif token != "":
            result.append(token)
    return tuple(result)
