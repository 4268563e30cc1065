"""What ``crawlight doctor`` looks at: each check says what it found and, where that is wrong, what to do."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from crawlight.accounts.rate import RateLimiter
from crawlight.bots.lists import FRESH_FOR
from crawlight.cli.checkup_front import front_domains
from crawlight.cli.machine_checks import browser, fonts, front, port
from crawlight.control import ask
from crawlight.crawls.crowding import Crowds
from crawlight.crawls.spool import Spool
from crawlight.errors import UserError
from crawlight.events.store import EventsStore
from crawlight.kit import clock
from crawlight.kit.disk import ADVICE
from crawlight.kit.finding import Finding
from crawlight.kit.logs import first_line
from crawlight.rendering.bodies import Bodies
from crawlight.runtime.identity import lists_of
from crawlight.runtime.stores import open_spool
from crawlight.settings import Settings

_PATIENCE_SECONDS: Final = 20.0
_LITTLE_BYTES: Final = 2 * 1024**3
_TOO_LITTLE_BYTES: Final = 256 * 1024**2
_MOST_APART_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 60.0
_CHUNK: Final = b"crawlight doctor"


Check = Callable[[Settings], Awaitable[list[Finding]]]


async def check_all(settings: Settings) -> list[Finding]:
    """Every check, one after the other; one that fails or hangs is a finding, too."""
    found = []
    for check in CHECKS:
        name = check.__name__
        try:
            found += await asyncio.wait_for(check(settings), _PATIENCE_SECONDS)
        except TimeoutError:
            found.append(Finding(name, "problem", f"no answer within {_PATIENCE_SECONDS:.0f} seconds"))
        except Exception as error:
            found.append(Finding(name, "problem", first_line(error)))
    return found


async def disk(settings: Settings) -> list[Finding]:
    """The data directory can be written and synced, and has room."""
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor") as file:
            file.write(_CHUNK)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            milliseconds = (time.perf_counter() - started) * 1000
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "choose another data directory with --data")
        return [Finding("disk", "problem", f"{folder} cannot be written: {error.strerror}", advice)]
    free = shutil.disk_usage(folder).free
    found = f"{folder}: {free / 1024**3:,.1f} GiB free, a write is safe after {milliseconds:.1f} ms"
    if free < _TOO_LITTLE_BYTES:
        return [Finding("disk", "problem", found, "make room: without it crawls are refused")]
    if free < _LITTLE_BYTES:
        return [Finding("disk", "warning", found, "make room before it is full")]
    return [Finding("disk", "ok", found)]


async def database(settings: Settings) -> list[Finding]:
    """The database is there, whole, and agrees with this machine on the time."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return [await asyncio.to_thread(_sqlite, Path(url.database or ""))]
    engine = create_async_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            theirs = float(
                (await connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))).scalar_one()
            )
    except Exception as error:
        advice = "start it, or mend CRAWLIGHT_DATABASE_URL"
        return [Finding("database", "problem", f"not reached: {first_line(error)}", advice)]
    finally:
        await engine.dispose()
    return [Finding("database", "ok", "PostgreSQL answers"), _clocks("database", theirs)]


def _sqlite(path: Path) -> Finding:
    if not path.exists():
        return Finding("database", "ok", "none yet; the first start makes it")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = str(connection.execute("PRAGMA quick_check").fetchone()[0])
    if found != "ok":
        return Finding(
            "database", "problem", f"{path} is damaged: {found}", "restore a backup: `crawlight restore`"
        )
    return Finding("database", "ok", f"{path} is whole")


async def events(settings: Settings) -> list[Finding]:
    """The events store answers, here or in the server that owns it."""
    if (answer := await ask(settings.data_dir, "ready")) is not None:
        wrong = {name: why for name, why in msgspec.json.decode(answer, type=dict[str, str]).items() if why}
        advice = "its log says more"
        told = [Finding(f"server: {name}", "problem", why, advice) for name, why in wrong.items()]
        return told or [Finding("events", "ok", "the running server's store answers")]
    if _not_made_yet(settings.events_url):
        return [Finding("events", "ok", "none yet; the first start makes it")]
    try:
        theirs = await asyncio.to_thread(_events_clock, settings.events_url)
    except UserError as error:
        return [Finding("events", "problem", str(error), "start it, or mend CRAWLIGHT_EVENTS_URL")]
    return [Finding("events", "ok", "the events store answers"), _clocks("events store", theirs)]


def _not_made_yet(url: str) -> bool:
    folder = url.removeprefix("chdb://")
    return folder != url and not Path(folder).exists()


def _events_clock(url: str) -> float:
    store = EventsStore(url, threads=1)
    try:
        return float(store.command("SELECT toUnixTimestamp64Milli(now64(3)) / 1000"))
    finally:
        store.close()


def _clocks(what: str, theirs: float) -> Finding:
    apart = theirs - time.time()
    found = f"the {what}'s is {abs(apart):.1f} seconds {'ahead' if apart > 0 else 'behind'}"
    if abs(apart) > _MOST_APART_SECONDS:
        return Finding("clocks", "problem", found, "synchronise both by NTP: crawls land on the wrong day")
    return Finding("clocks", "ok", found)


async def spool(settings: Settings) -> list[Finding]:
    """Nothing lies in the spool that nobody loads."""
    kept, found = open_spool(settings), list[Finding]()
    if aside := kept.set_aside():
        advice = (
            f"they hold crawls that are in no number: keep {kept.folder}/*.bad, and see the server's log of that time;"
            " once its reason is gone, rename one that begins with batch or import to .segment to have it loaded"
        )
        found.append(
            Finding(
                "spool", "problem", f"{len(aside)} segments were set aside: {', '.join(aside[:3])}", advice
            )
        )
    late = _oldest_age(kept)
    waiting = len(kept.published()) + len(kept.recorded())
    told = f"{waiting} segments wait" + (f", the oldest for {late:.0f} seconds" if waiting else "")
    if late > _LATE_SECONDS:
        advice = "start `crawlight serve`; if it runs, its log and /readyz say why it does not load them"
        found.append(Finding("spool", "warning", told, advice))
    elif not found:
        found.append(Finding("spool", "ok", told))
    return found


def _oldest_age(kept: Spool) -> float:
    ages = [time.time() - path.stat().st_mtime for path in kept.folder.glob("*.segment")]
    ages += [time.time() - path.stat().st_mtime for path in kept.folder.glob("*.records")]
    return max(ages, default=0.0)


async def snapshots(settings: Settings) -> list[Finding]:
    """The snapshot store takes and gives."""
    try:
        bodies = Bodies(settings.snapshots_url)
        digest, _ = await bodies.put(_CHUNK)
        if await bodies.content(digest) != _CHUNK:
            raise OSError("what was stored does not come back")
    except Exception as error:
        return [
            Finding("snapshots", "problem", first_line(error), "mend CRAWLIGHT_SNAPSHOTS_URL or the store")
        ]
    return [Finding("snapshots", "ok", "stores and gives back")]


async def limits(settings: Settings) -> list[Finding]:
    """The store of per-minute limits answers."""
    limiter = RateLimiter(settings.limits_url, "doctor")
    await limiter.hit("doctor", 1_000_000)
    await limiter.close()
    if limiter.failures:
        advice = "start it, or mend CRAWLIGHT_LIMITS_URL: without it nobody is limited"
        return [Finding("limits", "problem", "the limits store does not answer", advice)]
    return [Finding("limits", "ok", "per-minute limits are counted")]


async def address_lists(settings: Settings) -> list[Finding]:
    """The operators' address lists are young enough to tell impostors."""
    ranges = lists_of(settings)
    renewable = sum(not listing.proxies for listing in ranges.renewable())
    if old := ranges.stale(clock.now()):
        advice = (
            "let the server reach their operators (CRAWLIGHT_BOTS_REFRESH): an old list proves no impostor, so crawls"
            " from addresses that it lacks are unchecked"
        )
        told = f"{len(old)} of {renewable} are older than {FRESH_FOR.days} days"
        return [Finding("address lists", "warning", told, advice)]
    return [Finding("address lists", "ok", f"{renewable} lists are fresh")]


async def addresses(settings: Settings) -> list[Finding]:
    """Crawls come from the addresses of crawlers, as far as one can see."""
    advice = "have it pass the visitor's address on: docs/integrations.md, Behind a further proxy"
    known = Crowds(open_spool(settings).folder).known().values()
    told = [Finding("addresses", "warning", str(one), advice) for one in known]
    return told or [Finding("addresses", "ok", "crawls come from crawlers' own addresses, as far as seen")]


CHECKS: Final[tuple[Check, ...]] = (
    disk,
    database,
    events,
    spool,
    snapshots,
    limits,
    browser,
    fonts,
    port,
    front,
    address_lists,
    addresses,
    front_domains,
)
