"""Empty stores, made once and copied: making all tables for each test took a quarter of the suite's time."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crawlight.database.engine import Database
from crawlight.events.store import EventsStore

_SQLITE = "sqlite+aiosqlite:///"
_CHDB = "chdb:///"


class Templates:
    """A database file and an events folder that have all tables and no rows."""

    def __init__(self, folder: Path) -> None:
        self._database = folder / "crawlight.sqlite"
        self._events = folder / "events"
        asyncio.run(_make_database(self._database))
        EventsStore(f"chdb://{self._events}").close()

    def place_database(self, file: Path) -> None:
        """Copy the empty database to where none is."""
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy(self._database, file)

    def place_events(self, folder: Path) -> None:
        """Copy the empty events store to where none is."""
        if not folder.exists():
            shutil.copytree(self._events, folder, symlinks=True)


@contextmanager
def in_use(templates: Templates) -> Iterator[None]:
    """Have this process begin with a copy of an empty store wherever it would make one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "open", classmethod(_opening(templates)))
        patch.setattr(EventsStore, "__init__", _initialising(templates))
        yield


@contextmanager
def out_of_use() -> Iterator[None]:
    """Have this process make empty stores itself again, for tests of how they are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "open", classmethod(_OPEN))
        patch.setattr(EventsStore, "__init__", _INIT)
        yield


_OPEN: Any = Database.open.__func__  # type: ignore[attr-defined]
_INIT: Any = EventsStore.__init__


def _opening(templates: Templates) -> Any:
    async def open_copy(cls: type[Database], url: str) -> Database:
        if url.startswith(_SQLITE):
            templates.place_database(Path(url.removeprefix(_SQLITE)))
        opened: Database = await _OPEN(cls, url)
        return opened

    return open_copy


def _initialising(templates: Templates) -> Any:
    def initialise_copy(self: Any, url: str, **options: Any) -> None:
        if url.startswith(_CHDB):
            templates.place_events(Path(url.removeprefix("chdb://")))
        _INIT(self, url, **options)

    return initialise_copy


async def _make_database(file: Path) -> None:
    database = await Database.open(f"{_SQLITE}{file}")
    await database.close()
