"""All embedded stores as they are at one moment, in a folder: fast, by hard links where files never change."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import make_url

from crawlight.crawls.spool import OPEN, PREPARED, PUBLISHED, RECORDED, SET_ASIDE, Spool
from crawlight.errors import UserError
from crawlight.events.freezing import freeze
from crawlight.events.store import EventsStore

DATABASE: Final = "crawlight.sqlite"
EVENTS: Final = "events"
SPOOL: Final = "spool"

_IMPORTED: Final = "import-"


class Moment(msgspec.Struct, frozen=True):
    """What was taken: the folder that has it, rows of each table of the events store, and what is not in it."""

    folder: str
    rows: dict[str, int]
    elsewhere: list[str]
    """Stores that are no files here: they have backups of their own."""


def take(folder: Path, database_url: str, store: EventsStore, spool: Spool) -> Moment:
    """Fill a new folder. The loader must pause, else the stores would be of different moments.

    The database goes first: what an import noted in it later is found prepared, and undone (`_spool_files`).
    """
    folder.mkdir(mode=0o700)
    elsewhere, rows = list[str](), dict[str, int]()
    database = make_url(database_url)
    if database.get_backend_name() == "sqlite":
        _copy_database(Path(database.database or ""), folder / DATABASE)
    else:
        elsewhere.append("the database")
    _copy_spool(spool, folder / SPOOL)
    if store.folder is None:
        elsewhere.append("the events store")
    else:
        rows = freeze(store, folder / EVENTS)
    return Moment(str(folder), rows, elsewhere)


def copy_certificates(source: Path, target: Path) -> None:
    """Copy what Caddy keeps, but its locks; what it removes meanwhile is not missed."""
    for path in source.rglob("*"):
        inside = path.relative_to(source)
        if inside.parts[0] != "locks" and path.is_file():
            (target / inside).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy2(path, target / inside)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as open_source, closing(sqlite3.connect(target)) as copy:
        open_source.backup(copy)
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise UserError(f"the database {source} is damaged: {found}")


def _copy_spool(spool: Spool, target: Path) -> None:
    """Closed segments are linked; open ones, to which their recorders append, are copied as far as they are."""
    target.mkdir()
    _link_closed(spool, target)
    for path in spool.folder.glob(f"*{OPEN}"):
        with suppress(FileNotFoundError):  # Closed meanwhile: found below.
            shutil.copyfile(path, (target / path.name).with_suffix(RECORDED))
    _link_closed(spool, target)


def _link_closed(spool: Spool, target: Path) -> None:
    for path, name in _closed(spool):
        with suppress(FileExistsError, FileNotFoundError):
            os.link(path, target / name)


def _closed(spool: Spool) -> Iterator[tuple[Path, str]]:
    """Files that change no more, with the names that they get.

    Whether an import's segment counts is decided by the ledger in the database, so it gets back to where that
    is looked up: it is published by the first start if its import was noted, else it is removed.
    """
    for path in spool.folder.iterdir():
        if path.suffix == PUBLISHED and path.name.startswith(_IMPORTED):
            yield path, path.with_suffix(PREPARED).name
        elif path.suffix in (PUBLISHED, PREPARED, RECORDED, SET_ASIDE):
            yield path, path.name
