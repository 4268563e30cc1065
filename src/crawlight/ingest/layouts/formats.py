"""Layouts as formats that an import can read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crawlight.errors import UserError
from crawlight.ingest.importers.format import NO_HOST, Format, OfHeader
from crawlight.ingest.layouts import nginx
from crawlight.ingest.layouts.finding import found_layout
from crawlight.ingest.layouts.known import KNOWN
from crawlight.ingest.layouts.layout import ROLES, Layout
from crawlight.ingest.layouts.pattern import Pattern
from crawlight.ingest.layouts.query import query_of
from crawlight.ingest.layouts.quick import way_of

NO_ZONE: Final = "times name no zone and are taken as UTC"


def format_of(
    name: str, title: str, layout: Layout, note: str = "", of_header: OfHeader | None = None
) -> Format:
    """The format whose lines have a layout. Raises UserError where it lacks what an import needs."""
    if missing := layout.missing():
        raise UserError(f"{title} lacks {', '.join(missing)}")
    pattern = Pattern(layout)
    hosts = "host" in layout.places
    return Format(
        name=name,
        title=title,
        recognises=pattern.recognises,
        parse=query_of(layout),
        quoted=way_of(layout),
        hosts=hosts,
        measures=(*layout.measures.items(),),
        note=", ".join(filter(None, (note, "" if hosts else NO_HOST))),
        read=pattern.read,
        layout=layout,
        of_header=of_header,
    )


def known_formats() -> Iterator[Format]:
    """The formats that servers have by themselves, by name."""
    return (format_of(one.name, one.title, nginx.layout(one.text)) for one in KNOWN)


def found_format(lines: Sequence[bytes], _keys: Mapping[str, str]) -> Format:
    """The format of lines that nobody described. Raises UserError where their values do not tell what they are."""
    layout = found_layout(lines)
    if layout is None or not layout.places:
        raise UserError("no time and no request were found in its lines")
    told = ", ".join(ROLES[role].removeprefix("the ") for role in ROLES if role in layout.places)
    if missing := layout.missing():
        were = "were" if ", " in told else "was"
        raise UserError(f"{told} {were} found, but not {' and '.join(missing)}")
    note = f"found by their values: {told}"
    return format_of(
        FOUND.name, FOUND.title, layout, note + (f"; {NO_ZONE}" if _without_zone(layout) else "")
    )


def _without_zone(layout: Layout) -> bool:
    field = layout.field_of("time")
    return field is not None and field.kind == "ncsa loose"


FOUND: Final = Format("found", "lines of text", lambda _line: False, "", fitted=found_format)
"""Lines of which only their values tell what they are."""
