"""Records of JSON as places and values: what stands where in a log's first ones."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

_KEY: Final = re.compile(r"[\w@.: ()/$#-]{1,100}")
_UNCOUNTED: Final = re.compile(r"_[sdtgb]$|[_\- ]")
"""Azure writes the kind of a column behind its name: ``requestUri_s``."""
_DEEPEST: Final = 6
_MOST_PLACES: Final = 500

Scalar = str | int | float | bool


class Key(NamedTuple):
    """A member of an object."""

    name: str


class First(NamedTuple):
    """The first value of a list."""


class Paired(NamedTuple):
    """The value of a name in a list of names and values: of objects that have these members, or of lists of two."""

    header: str
    name: str = ""
    value: str = ""


Step = Key | First | Paired
Place = tuple[Step, ...]

_PAIRS: Final = (
    ("", ""),
    ("name", "value"),
    ("Name", "Value"),
    ("key", "value"),
    ("Key", "Value"),
    ("n", "v"),
)


def plain(name: str) -> str:
    """A name as names are compared."""
    return _UNCOUNTED.sub("", name).lower()


def named(place: Place) -> str:
    """A place as names are compared: steps into lists do not count."""
    return ".".join(plain(step[0]) for step in place if not isinstance(step, First))


def shown(place: Place) -> str:
    """A place for people."""
    return ".".join(str(step[0]) for step in place if not isinstance(step, First))


def places_of(record: Mapping[str, object]) -> dict[Place, Scalar]:
    """All places of a record that hold a text, a number or a truth, and what they hold."""
    found: dict[Place, Scalar] = {}
    for place, value in _places(record, ()):
        if len(found) >= _MOST_PLACES:
            break
        found[place] = value
    return found


def _places(value: object, place: Place) -> Iterator[tuple[Place, Scalar]]:
    if isinstance(value, Scalar):
        yield place, value
    elif len(place) < _DEEPEST and isinstance(value, Mapping):
        for name, inner in value.items():
            if _KEY.fullmatch(name):
                yield from _places(inner, (*place, Key(name)))
    elif isinstance(value, Sequence) and value:
        yield from _in_list(value, place)


def _in_list(values: Sequence[object], place: Place) -> Iterator[tuple[Place, Scalar]]:
    if isinstance(values[0], Scalar):
        yield (*place, First()), values[0]
        return
    for value in values:
        for names in _PAIRS:
            name, inner = _pair(value, names)
            if isinstance(name, str) and isinstance(inner, Scalar) and _KEY.fullmatch(name):
                yield (*place, Paired(name.lower(), *names)), inner
                break


def _pair(value: object, names: tuple[str, str]) -> tuple[object, object]:
    """A name and its value: under these names, or where there are none, one behind the other."""
    if names[0] and isinstance(value, Mapping):
        return value.get(names[0]), value.get(names[1])
    if not names[0] and isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        return value[0], value[1]
    return None, None


def logged(value: object) -> str:
    """A value as a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def value_at(record: object, place: Place) -> object:
    """What a record has at a place, or None."""
    for step in place:
        if isinstance(step, Key):
            record = record.get(step.name) if isinstance(record, Mapping) else None
        elif not isinstance(record, list) or not record:
            return None
        elif isinstance(step, First):
            record = record[0]
        else:
            record = _value_of(record, step)
    return record


def _value_of(values: Sequence[object], step: Paired) -> object:
    for value in values:
        name, inner = _pair(value, (step.name, step.value))
        if str(name).lower() == step.header:
            return inner
    return None
