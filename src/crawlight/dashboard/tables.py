"""Tables as files: the CSV twins of pages."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from fastapi import Response

from crawlight.dashboard import frame
from crawlight.dashboard.visits import Visit

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


def csv_of(visit: Visit, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The CSV twin of a table (RFC 4180, UTF-8), to be saved under ``name``."""
    content = csv_text(header, rows).encode()
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return frame.respond(visit.request, content, "text/csv; charset=utf-8", headers=headers)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. Texts that a spreadsheet would run get an apostrophe in front; times are ISO 8601, UTC."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
