"""How an import hands its segments over: all of a file or nothing, whoever dies when.

An import prepares its segments under a run's name, notes the run in the ledger of imported files, and then
publishes them. The note is the decision: what is prepared under a noted run belongs to the loader, what is
prepared under another run is a left-over of an import that did not come to its end.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from crawlight.crawls.spool import Spool
from crawlight.database.engine import Database
from crawlight.domains import imports
from crawlight.errors import UserError
from crawlight.kit.locks import file_lock

_IMPORTED = re.compile(r"import-([0-9a-f]+)-[0-9]+")


def new_run() -> str:
    """A name for one import of one file."""
    return secrets.token_hex(8)


def run_number(run: str) -> int:
    """A run as the events store knows it."""
    return int(run, 16)


def segment_name(run: str, number: int) -> str:
    """The name of a run's segment, and with it the token under which it counts once."""
    return f"import-{run}-{number:06d}"


@contextmanager
def import_lock(spool: Spool, *, wait: bool) -> Iterator[bool]:
    """Hold the right to import on this data directory; answers whether it was got. The dead hold none.

    Raises UserError where the spool cannot be written to.
    """
    with ExitStack() as held:
        try:
            free = held.enter_context(file_lock(spool.folder / "import.lock", wait=wait))
        except OSError as error:
            raise UserError(f"cannot write to {spool.folder}: {error.strerror}") from None
        yield free


async def settle(spool: Spool, database: Database) -> None:
    """Publish what a noted run left prepared, discard what no ledger knows. Needs the import lock."""
    prepared = {name: match[1] for name in spool.prepared() if (match := _IMPORTED.fullmatch(name))}
    if not prepared:
        return
    async with database.read() as session:
        noted = await imports.noted_runs(session, set(prepared.values()))
    for name, run in prepared.items():
        if run in noted:
            spool.publish(name)
        else:
            spool.discard(name)
