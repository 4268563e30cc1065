"""Rows of a single query, for commands that only list something: without the engine, whose loading takes longest."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from crawlight.database.sqlite_files import Row, is_newest, rows_of, sqlite_file
from crawlight.errors import UserError

T = TypeVar("T", bound=msgspec.Struct)


def ask(url: str, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
    """Rows of a query with ``:names``, from a store that is brought up to date before. Raises UserError as it does."""
    file = sqlite_file(url)
    if file is None or not is_newest(file):
        import asyncio  # Takes a while, and the quick way needs none of it.

        return asyncio.run(_through_the_engine(url, sql, dict(parameters or {})))
    try:
        return rows_of(file, sql, dict(parameters or {}))
    except sqlite3.Error as error:
        raise UserError(f"database {file}: {error}") from error


def shaped(rows: Sequence[Row], shape: type[T]) -> list[T]:
    """Rows as structs with a member for each column; moments are in UTC, which SQLite does not say."""
    names = shape.__struct_fields__
    found = [msgspec.convert(dict(zip(names, row, strict=True)), shape, strict=False) for row in rows]
    return [_in_utc(one) for one in found]


def _in_utc(one: T) -> T:
    naive = {
        name: value.replace(tzinfo=UTC)
        for name in one.__struct_fields__
        if isinstance(value := getattr(one, name), datetime) and value.tzinfo is None
    }
    return msgspec.structs.replace(one, **naive) if naive else one


async def _through_the_engine(url: str, sql: str, parameters: Mapping[str, Any]) -> Sequence[Row]:
    from sqlalchemy import text

    from crawlight.database.engine import Database

    database = await Database.open(url)
    try:
        async with database.read() as session:
            return (await session.execute(text(sql), parameters)).all()
    finally:
        await database.close()
