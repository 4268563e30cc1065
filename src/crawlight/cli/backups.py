"""``crawlight backup`` and ``crawlight restore``."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from crawlight import __version__
from crawlight.backup import archive
from crawlight.backup.moment import Moment, copy_certificates
from crawlight.cli.context import context_of
from crawlight.control import ask
from crawlight.errors import UserError
from crawlight.events.freezing import totals
from crawlight.kit import clock
from crawlight.kit.locks import file_lock
from crawlight.runtime.front import CERTIFICATES
from crawlight.runtime.services import open_services
from crawlight.settings import Settings

backup_app = typer.Typer(add_completion=False)
restore_app = typer.Typer(add_completion=False)

_BESIDE = ("ranges", "crawlight.toml")
"""What else a data directory holds that is worth keeping."""
_RESTORING = ".restoring"


@backup_app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
) -> None:
    """Write everything that the data directory holds into one file, also while the server runs."""
    if os.path.exists(file):  # noqa: PTH110 - False where nobody may look; then it cannot be written either
        raise UserError(f"{file} is there already")
    settings = context_of(ctx).settings()
    if not settings.data_dir.is_dir():
        raise UserError(f"there is no data directory {settings.data_dir}")
    with file_lock(settings.data_dir / "backup.lock", wait=False) as free:
        if not free:
            raise UserError("another backup of this data directory is being made")
        contents = _write(settings, file)
    told = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "rows": contents.rows,
        "elsewhere": contents.elsewhere,
    }
    notes = "".join(f"\nNot in it: {one} is elsewhere; back it up there." for one in contents.elsewhere)
    context_of(ctx).say(
        f"Wrote and checked {file}: {contents.rows.get('records', 0):,} records.{notes}", told
    )


def _write(settings: Settings, file: Path) -> archive.Contents:
    moment = asyncio.run(_moment(settings))
    try:
        copy_certificates(settings.data_dir / CERTIFICATES, Path(moment.folder) / CERTIFICATES)
        folders = [(Path(moment.folder), "")]
        folders += [(settings.data_dir / name, name) for name in _BESIDE]
        elsewhere = list(moment.elsewhere)
        if settings.snapshots_url.startswith("file://"):
            folders.append((Path(settings.snapshots_url.removeprefix("file://")), "snapshots"))
        else:
            elsewhere.append("the snapshot store")
        contents = archive.Contents(__version__, clock.now(), moment.rows, elsewhere)
        archive.write(file, [(path, name) for path, name in folders if path.exists()], contents)
        return contents
    finally:
        shutil.rmtree(moment.folder, ignore_errors=True)


async def _moment(settings: Settings) -> Moment:
    answer = await ask(settings.data_dir, "freeze")
    if answer is None:
        async with open_services(settings) as services:
            answer = await services.freeze()
    return msgspec.json.decode(answer, type=Moment)


@restore_app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `crawlight backup` wrote.")],
) -> None:
    """Fill an empty data directory from a backup. Nothing is changed where the file is not whole."""
    settings = context_of(ctx).settings()
    target = settings.data_dir
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    unpacked = target / _RESTORING
    shutil.rmtree(unpacked, ignore_errors=True)
    if any(target.iterdir()):
        raise UserError(f"{target} is not empty; restore into another data directory with --data")
    try:
        contents = archive.check(file, unpacked)
        for path in sorted(unpacked.iterdir()):
            path.rename(target / path.name)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    asyncio.run(_check(context_of(ctx).settings(), contents))
    records = contents.rows.get("records", 0)
    told = {"data_dir": str(target), "made_at": contents.made_at, "rows": contents.rows}
    context_of(ctx).say(
        f"Restored {records:,} records of {contents.made_at:%Y-%m-%d %H:%M} UTC to {target}.", told
    )


async def _check(settings: Settings, contents: archive.Contents) -> None:
    """Open what was restored, and count. Raises UserError where something is missing."""
    async with open_services(settings) as services:
        found = totals(services.store) if contents.rows else {}
        for table, rows in contents.rows.items():
            if found[table] != rows:
                raise UserError(f"{table} counts {found[table]:,} where the backup had {rows:,}")
