"""Kill -9 at any moment: what was acknowledged is there, nothing is there twice, in the records and all rollups."""

import asyncio
import gzip
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TypeVar

import pytest

from crawlight.accounts.people import create_account
from crawlight.demo.logs import REAL_LOG
from crawlight.domains.registry import add_domain
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings
from tests.ingest.naive import Seen, records

T = TypeVar("T")
TOTALS = {
    "daily": "sum(crawls)",
    "daily_agents": "sum(n)",
    "pages_daily": "sum(n)",
    "pages_monthly": "sum(n)",
    "page_keys_monthly": "sum(n)",
    "page_agents": "sum(n)",
}
MOMENTS = random.Random(4)
QUIET = subprocess.DEVNULL


@contextmanager
def process(what: str, folder: Path, run: str, stdout: int | IO[str]) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.ingest.dying", what, str(folder), run]
    with subprocess.Popen(command, text=True, stdout=stdout) as started:
        try:
            yield started
        finally:
            started.kill()


def killed_writer(folder: Path, run: str, log: Path) -> list[str]:
    """Let a process record for a moment, kill it; give what it was told is on disk."""
    with log.open("w") as output, process("write", folder, run, stdout=output):
        while not log.stat().st_size:
            time.sleep(0.01)
        time.sleep(MOMENTS.uniform(0, 0.25))
    # The last line may be cut off by the death itself.
    return log.read_text().split("\n")[:-1]


async def with_services(folder: Path, work: Callable[[Services], Awaitable[T]]) -> T:
    async with open_services(load_settings(data_dir=folder)) as services:
        return await work(services)


async def make_site(services: Services) -> None:
    await create_account(services.database, services.settings.plans, "me@example.org", plan="pro")
    await add_domain(services.database, "example.com", "me@example.org")


async def load_and_count(services: Services) -> tuple[Counter[str], dict[str, int]]:
    await services.loading.load()
    assert {path.suffix for path in services.spool.folder.iterdir()} <= {".lock", ".new"}
    paths = services.store.columns("SELECT path FROM records")[0]
    totals = {table: services.store.command(f"SELECT {what} FROM {table}") for table, what in TOTALS.items()}
    return Counter(paths), {table: int(total) for table, total in totals.items()}


@pytest.mark.parametrize("times", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_what_was_acknowledged_is_counted_once_whoever_dies_when(tmp_path: Path, times: int) -> None:
    folder, acknowledged, kills = tmp_path / "data", list[str](), 0
    asyncio.run(with_services(folder, make_site))
    while kills < times:
        with process("load", folder, "", stdout=subprocess.PIPE) as loader:
            assert loader.stdout is not None
            assert loader.stdout.readline() == "loads\n"
            for _ in range(4):
                acknowledged += killed_writer(folder, f"run{kills}", tmp_path / "acknowledged")
                kills += 1
            kills += 1  # The loader, somewhere on its way with the last of them.
    found, totals = asyncio.run(with_services(folder, load_and_count))
    assert len(acknowledged) > 20 * times
    assert set(acknowledged) <= set(found)
    assert set(found.values()) == {1}
    assert totals == dict.fromkeys(TOTALS, len(found))


def recent_log(days: int) -> bytes:
    """A real log, once for each of the last days."""
    plain = gzip.decompress(REAL_LOG.read_bytes())
    today = datetime.now(UTC)
    names = [(today - timedelta(days=back)).strftime("[%d/%b/%Y:").encode() for back in range(1, days + 1)]
    return b"".join(re.sub(rb"\[\d\d/\w{3}/2015:", name, plain) for name in names)


def importing(folder: Path, log: Path) -> list[str]:
    command = ["crawlight", "--json", "--data", str(folder), "import", str(log), "--domain", "example.com"]
    return [sys.executable, "-m", *command]


async def imported(services: Services) -> tuple[Counter[Seen], dict[str, int]]:
    _, totals = await load_and_count(services)
    columns = services.store.columns("SELECT ts, toString(kind), agent, key, status, path FROM records")
    rows = (Seen(ts.replace(tzinfo=UTC), *rest) for ts, *rest in zip(*columns, strict=True))
    return Counter(rows), totals


@pytest.mark.parametrize("times", [8, pytest.param(40, marks=pytest.mark.soak)])
def test_an_import_that_is_killed_again_and_again_counts_every_line_once(tmp_path: Path, times: int) -> None:
    killed, whole, log = tmp_path / "killed", tmp_path / "whole", tmp_path / "access.log"
    log.write_bytes(recent_log(days=6))
    for folder in (killed, whole):
        asyncio.run(with_services(folder, make_site))
    for _ in range(times):
        with subprocess.Popen(importing(killed, log), stdout=QUIET, stderr=QUIET) as started:
            with suppress(subprocess.TimeoutExpired):
                started.wait(MOMENTS.uniform(0.2, 2))
            started.kill()
    for folder in (killed, whole):
        subprocess.run(importing(folder, log), capture_output=True, check=True)
    found, totals = asyncio.run(with_services(killed, imported))
    assert found == Counter(records(log.read_bytes().splitlines()))
    assert totals == asyncio.run(with_services(whole, imported))[1]
