"""A copy of the embedded events store as it is at one moment, made of hard links while the store is open."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from crawlight.events.store import EventsStore

_TABLES: Final = """
SELECT name, engine, (
    SELECT groupArray(table) FROM system.columns WHERE database = currentDatabase() AND name = 'n'
) AS counting
FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name
"""
_PART: Final = "columns.txt"
"""A folder that has this file is a part: parts come and go, so the engine itself links those of one moment."""

_UNFINISHED: Final = ("tmp_", "delete_tmp_")
_NOT_KEPT: Final = ("shadow", "tmp", "detached")


def freeze(store: EventsStore, target: Path) -> dict[str, int]:
    """Link the store's files into ``target``, a new folder beside them; answer their `totals`.

    Nothing may be inserted meanwhile: tables are frozen one after the other.
    """
    source = store.folder
    if source is None:
        raise ValueError("only an embedded store has files")
    # Letters and digits only: the engine writes others differently into the name of the folder.
    counted, name = totals(store), f"backup{secrets.token_hex(8)}"
    frozen = source / "shadow" / name
    try:
        for table in store.columns(_TABLES)[0]:
            store.command(f"ALTER TABLE {table} FREEZE WITH NAME '{name}'")
        target.mkdir(parents=True)
        for path in _beside_parts(source):
            _copy(path, target / path.relative_to(source))
        for path in frozen.rglob("*"):
            _link(path, target / path.relative_to(frozen))
    finally:
        shutil.rmtree(frozen, ignore_errors=True)
    return counted


def totals(store: EventsStore) -> dict[str, int]:
    """What merges do not change, by table: the number of rows, of rollups the sum of what they count."""
    found = {}
    for table, engine, counting in zip(*store.columns(_TABLES), strict=True):
        if engine == "MergeTree" or table in counting or table == "daily":
            what = "sum(crawls)" if table == "daily" else "sum(n)" if table in counting else "count()"
            found[table] = int(store.command(f"SELECT {what} FROM {table}"))  # noqa: S608
    return found


def _beside_parts(source: Path) -> Iterator[Path]:
    """Everything that is no part: definitions of tables, links to them, and tokens of inserts."""
    for root, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not _is_left_out(Path(root), name)]
        yield from (Path(root, name) for name in (*folders, *files))


def _is_left_out(root: Path, name: str) -> bool:
    return name in _NOT_KEPT or name.startswith(_UNFINISHED) or (root / name / _PART).exists()


def _copy(path: Path, target: Path) -> None:
    """Files beside parts change: logs of tokens grow."""
    if path.is_symlink():
        target.symlink_to(path.readlink())
    elif path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        shutil.copyfile(path, target)


def _link(path: Path, target: Path) -> None:
    """Parts never change, they are only replaced."""
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        os.link(path, target)
