"""A sitemap written: one file, or an index of several where one would be too long (https://www.sitemaps.org/). Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from crawlight.kit.sitemaps import MOST_BYTES, MOST_ENTRIES

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_ENDS: Final = 1_024
"""Bytes of a file around its entries, at most."""

Entry = tuple[str, datetime | None]
"""The absolute URL of a page, and when its main text last changed, None where nobody knows."""


def written(base: str, entries: Sequence[Entry]) -> dict[str, bytes]:
    """The files by path. ``base`` is the URL of the site, without a slash at its end."""
    parts = list(_parts(entries))
    if len(parts) == 1:
        return {"/sitemap.xml": _file("urlset", parts[0])}
    files = {f"/sitemap-{number}.xml": _file("urlset", part) for number, part in enumerate(parts, 1)}
    named = [f"<sitemap><loc>{escape(base + path)}</loc></sitemap>\n" for path in files]
    return {"/sitemap.xml": _file("sitemapindex", named), **files}


def _parts(entries: Sequence[Entry]) -> Iterator[list[str]]:
    part, size = list[str](), _ENDS
    for entry in entries:
        line = _line(*entry)
        length = len(line.encode())
        if len(part) == MOST_ENTRIES or size + length > MOST_BYTES:
            yield part
            part, size = [], _ENDS
        part.append(line)
        size += length
    yield part


def _line(url: str, changed_at: datetime | None) -> str:
    changed = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return f"<url><loc>{escape(url)}</loc>{changed}</url>\n"


def _file(kind: str, lines: Sequence[str]) -> bytes:
    return f"{_HEAD}<{kind} {_SCHEMA}>\n{''.join(lines)}</{kind}>\n".encode()
