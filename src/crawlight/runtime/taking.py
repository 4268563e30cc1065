"""Small logs that a command hands over to a running server: the import, loaded when the first of them comes."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import structlog

from crawlight.events.store import EventsStore
from crawlight.ingest.carrying_out import Listener, carry_out
from crawlight.ingest.importing import Importer
from crawlight.ingest.order import Order
from crawlight.ingest.summarizing import summary
from crawlight.ingest.summary import Failure, Told
from crawlight.runtime.core import Core
from crawlight.runtime.identity import identity_of

log = structlog.get_logger(__name__)


async def take(
    core: Core,
    store: EventsStore,
    load: Callable[[], Awaitable[bytes]],
    order: dict[str, Any],
    logs: dict[str, bytes],
) -> Told:
    """Import logs, by name, as `Order` says. Raises UserError where there is no such domain."""
    told = Told([], [])
    judge = identity_of(core.settings, dns=False, lists=core.identity.ranges)
    importer = Importer(core.database, core.spool, store, judge)
    with TemporaryDirectory(dir=core.spool.folder) as folder:
        names = _written(Path(folder), logs)
        wanted = msgspec.convert(order | {"files": list(names), "names": names}, Order)
        months = core.settings.retention_months
        await carry_out(wanted, months, core.database, importer, load, _listener(told))
    return told


def _written(folder: Path, logs: dict[str, bytes]) -> dict[str, str]:
    """The name of each log by the file that it is in now."""
    names = {}
    for number, (name, content) in enumerate(logs.items()):
        file = folder / str(number)
        file.write_bytes(content)
        names[str(file)] = name
    return names


def _listener(told: Told) -> Listener:
    return Listener(
        lambda imported: told.summaries.append(summary(imported)),
        lambda file, error: told.failures.append(Failure(file, str(error))),
        lambda said: log.info("import", said=said),
    )
