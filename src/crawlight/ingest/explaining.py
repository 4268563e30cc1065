"""Shows how a log is read: its first lines cut into fields."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from crawlight.ingest.importers.choosing import Chosen, sample_lines
from crawlight.ingest.importers.format import Format, json_object
from crawlight.ingest.layouts.layout import ROLES
from crawlight.ingest.layouts.pattern import Pattern
from crawlight.ingest.layouts.request import Request
from crawlight.kit.printable import MOST_SHOWN, printable

SHOWN_LINES: Final = 5


class Value(msgspec.Struct, frozen=True):
    """One field of a line. ``meaning`` is what an import takes it for, empty where it passes it over."""

    name: str
    value: str
    meaning: str = ""


class Line(msgspec.Struct, frozen=True):
    """A line and its fields; ``problem`` says why it cannot be read. All texts are printable."""

    number: int
    text: str
    fields: list[Value]
    problem: str = ""


def explained(sample: bytes, chosen: Chosen) -> list[Line]:
    """The first lines of a log as its format cuts them."""
    lines = sample_lines(sample)[:SHOWN_LINES]
    return [_line(number, chosen.wrapping.line(line), chosen) for number, line in enumerate(lines, 1)]


def _line(number: int, line: bytes, chosen: Chosen) -> Line:
    for form in (chosen.format, *chosen.others):
        if fields := list(_fields(form, line)):
            return Line(number, printable(line, MOST_SHOWN), fields)
    read = chosen.format.read(line) if chosen.format.read else "not of the format"
    problem = "" if isinstance(read, Request) or chosen.format.recognises(line) else read
    return Line(number, printable(line, MOST_SHOWN), [], problem)


def _fields(form: Format, line: bytes) -> Iterator[Value]:
    if line.startswith(b"{"):
        yield from _members(json_object(line) or {})
    if form.layout is None or form.read is None or isinstance(form.read(line), str):
        return
    taken = form.layout.places.values()
    for place, field, value in Pattern(form.layout).cut(line):
        meaning = ROLES.get(field.role, "") if place in taken else ""
        yield Value(field.name, printable(value, MOST_SHOWN), meaning)


def _members(entry: Mapping[str, object], before: str = "") -> Iterator[Value]:
    """The members of an object, those of objects inside with dots."""
    for key, value in entry.items():
        name = printable(f"{before}{key}", MOST_SHOWN)
        if isinstance(value, dict):
            yield from _members(value, f"{name}.")
        else:
            yield Value(name, printable(str(value), MOST_SHOWN))
