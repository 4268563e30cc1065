from collections.abc import Iterator

import pytest

from crawlight.events.store import EventsStore

ROLLUPS = ("records", "daily", "daily_agents", "pages_daily", "pages_monthly", "page_keys_monthly", "paths")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventsStore]:
    store = EventsStore(f"chdb://{tmp_path_factory.mktemp('analytics') / 'events'}")
    yield store
    store.close()


@pytest.fixture
def store(opened: EventsStore) -> EventsStore:
    """A store without rows: opening one takes half a second, emptying it none."""
    empty(opened)
    return opened


def empty(store: EventsStore) -> None:
    for table in ROLLUPS:
        store.command(f"TRUNCATE TABLE {table}")
