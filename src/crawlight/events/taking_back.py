"""What an import gave is taken out of the events store again: its rows, and what they added to every rollup.

A rollup outlives its rows and cannot be made anew from those that are left. So what the rows of the import added is
computed from them once more, by the views that did it first, and inserted with the opposite sign: unsigned numbers
go round at 2^64, so sums come out as if the rows had never been there, and a merge drops what has become zero.
What is no sum cannot be taken back: of a page that an agent had fetched otherwise, too, the first and the last fetch
stay where the import put them.

Each step is safe to do again, in this order, by whoever finds it half done: an insert with the same token counts once,
is noted in ``undone`` for when its token is forgotten, and rows go only after all of them are in.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from crawlight.events.removal import drop_never_fetched, drop_unused_paths
from crawlight.events.store import EventsStore

_ROLLUPS: Final = """
SELECT tables.name, views.as_select
FROM system.tables AS tables INNER JOIN system.tables AS views
    ON views.database = tables.database AND views.name = concat(tables.name, '_view')
WHERE tables.database = currentDatabase() AND tables.engine LIKE '%SummingMergeTree'
ORDER BY tables.name
"""
_COLUMNS: Final = """
SELECT name, if(is_in_sorting_key, '', type) FROM system.columns
WHERE database = currentDatabase() AND table = {table:String} ORDER BY position
"""
_RECORDS: Final = re.compile(r"\bFROM (?:[\w`]+\.)?`?records`?(?=\s|$)")


def rows_of(store: EventsStore, run: int) -> dict[int, int]:
    """How many rows of an import are there, by domain."""
    found = store.columns(
        "SELECT domain_id, count() FROM records WHERE run = {run:UInt64} GROUP BY domain_id", {"run": run}
    )
    return dict(zip(*found, strict=True)) if found else {}


def take_back(store: EventsStore, run: int) -> None:
    """Remove what the import ``run`` (not 0) gave, and wait for it. Done again it does nothing."""
    if rows_of(store, run):
        done = _undone(store, run)
        for table, view in _rollups(store):
            if table not in done:
                _subtract(store, table, view, run)
        store.command(
            "ALTER TABLE records DELETE WHERE run = {run:UInt64} SETTINGS mutations_sync = 1", {"run": run}
        )
    for table, _ in _rollups(store):
        # Drops the rows that have become zero.
        store.command(f"OPTIMIZE TABLE {table} FINAL SETTINGS optimize_skip_merged_partitions = 1")
    drop_never_fetched(store)
    drop_unused_paths(store)


def _rollups(store: EventsStore) -> Iterator[tuple[str, str]]:
    names, views = store.columns(_ROLLUPS)
    return zip(names, views, strict=True)


def _subtract(store: EventsStore, table: str, view: str, run: int) -> None:
    names, types = store.columns(_COLUMNS, {"table": table})
    columns = map(_negated, names, types)
    rows = _RECORDS.sub(f"FROM (SELECT * FROM records WHERE run = {run:d})", view)  # noqa: S608
    # The same rows in the same order each time: a block is known again by its token and its place.
    order = ", ".join(f"`{name}`" for name in names)
    query = f"SELECT {', '.join(columns)} FROM ({rows}) AS given ORDER BY {order}"  # noqa: S608
    store.insert_block(table, names, store.block(query), f"undo-{run:016x}-{table}")
    store.insert_columns("undone", ["run", "rollup"], [[run], [table]])


def _undone(store: EventsStore, run: int) -> Sequence[str]:
    """The rollups from which an import was subtracted already."""
    found = store.columns("SELECT rollup FROM undone WHERE run = {run:UInt64}", {"run": run})
    return found[0] if found else ()


def _negated(name: str, of_type: str) -> str:
    """A column with the opposite sign, where it is a sum or the sums of a map."""
    signs = {
        "UInt64": f"toUInt64(0 - `{name}`)",
        "Array(UInt64)": f"arrayMap(n -> toUInt64(0 - n), `{name}`)",
    }
    return f"{signs.get(of_type, f'`{name}`')} AS `{name}`"
