"""What is removed from the events store: all of a domain, and what is older than a domain keeps."""

from collections.abc import Collection, Iterator
from datetime import date

from crawlight.events.store import EventsStore

_TABLES = """
SELECT tables.name, columns.name FROM system.tables AS tables
INNER JOIN system.columns AS columns ON columns.database = tables.database AND columns.table = tables.name
WHERE tables.database = currentDatabase() AND tables.engine LIKE '%MergeTree'
    AND columns.name IN ('domain_id', 'ts', 'hour', 'day', 'month', 'last')
ORDER BY 1, 2
"""
_OF_DOMAINS = "domain_id IN {domains:Array(UInt32)}"


def forget(store: EventsStore, domains: Collection[int]) -> None:
    """Remove every row of some domains. Done again it does nothing, and takes no time."""
    for table, column in _tables(store):
        if column == "domain_id":
            _delete(store, table, _OF_DOMAINS, domains)


def trim(
    store: EventsStore, domains: Collection[int], crawls_from: date, hours_from: date, numbers_from: date
) -> bool:
    """Remove some domains' single crawls and hours of before a day, and their numbers of before the first of a month.

    Answers whether there were such numbers.
    """
    crawls, hours, numbers = (
        f"toDateTime('{day}', 'UTC')" for day in (crawls_from, hours_from, numbers_from)
    )
    conditions = {
        "ts": f"ts < {crawls}",
        "hour": f"hour < {hours}",
        "day": f"day < '{numbers_from}'",
        "month": f"month < '{numbers_from}'",
        "last": f"last.ts < {numbers}",
    }
    found = False
    for table, column in _tables(store):
        if condition := conditions.get(column):
            gone = _delete(store, table, f"{_OF_DOMAINS} AND {condition}", domains)
            found |= gone and column not in ("ts", "hour")
    return found


def drop_never_fetched(store: EventsStore) -> None:
    """Remove pages of agents that are left of imports that were taken back. The table has to be merged."""
    _delete(store, "page_agents", "n = 0", ())


def drop_unused_paths(store: EventsStore) -> None:
    """Remove names of pages that no number is kept of."""
    used = " UNION ALL ".join(
        f"SELECT domain_id, page FROM {table}"  # noqa: S608 - our own names
        for table in ("pages_daily", "pages_monthly", "page_keys_monthly", "page_agents", "referrals_daily")
    )
    _delete(store, "paths", f"(domain_id, page) NOT IN ({used})", ())


def _tables(store: EventsStore) -> Iterator[tuple[str, str]]:
    names, columns = store.columns(_TABLES)
    return zip(names, columns, strict=True)


def _delete(store: EventsStore, table: str, condition: str, domains: Collection[int]) -> bool:
    """Remove rows, if there are any, and wait for it. Looks first: a removal writes parts anew."""
    parameters = {"domains": sorted(domains)}
    if not store.columns(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1", parameters):  # noqa: S608
        return False
    store.command(f"ALTER TABLE {table} DELETE WHERE {condition} SETTINGS mutations_sync = 1", parameters)
    return True
