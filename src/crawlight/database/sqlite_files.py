"""Stores on SQLite as the files that they are: read without the engine, whose loading takes longest."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

Row = Sequence[Any]

SQLITE: Final = "sqlite+aiosqlite:///"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
REVISIONS: Final = sorted(path.stem[1:5] for path in (MIGRATIONS / "versions").glob("r[0-9]*.py"))
"""Numbers of all revisions, oldest first: ``versions/r0001_what.py`` is revision ``0001``."""

_BUSY_SECONDS = 10


def sqlite_file(url: str) -> Path | None:
    """The file of a store on SQLite; None for any other."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def is_newest(file: Path) -> bool:
    """Whether a store on SQLite has the newest schema. What cannot be read has not."""
    if not file.is_file():
        return False
    try:
        return rows_of(file, "SELECT version_num FROM alembic_version", {}) == [(REVISIONS[-1],)]
    except sqlite3.Error:
        return False


def rows_of(file: Path, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Rows of a query with ``:names``. Raises sqlite3.Error."""
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
        return connection.execute(sql, parameters).fetchall()
