"""A data directory that an earlier version made: it opens, gives the same numbers, and goes on."""

import json
import tarfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import scope_of
from crawlight.crawls.crawl import Record
from crawlight.domains.registry import find_domain
from crawlight.ingest import undoing
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings

pytestmark = pytest.mark.anyio

MADE = Path(__file__).with_name("data.tar.xz")
"""By `make`, with version 0.1.0 as it was before records knew sizes and times."""

PERIODS = ("1d", "7d", "30d", "90d", "365d")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("earlier")
    with tarfile.open(MADE) as made:
        made.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
async def services(anyio_backend: str, place: Path) -> AsyncIterator[Services]:
    async with open_services(load_settings(data_dir=place / "data", bots_refresh=False)) as opened:
        await opened.loading.load()
        yield opened


async def documents(services: Services, place: Path) -> dict[str, bytes]:
    moment, given = datetime.fromisoformat((place / "moment").read_text()), {}
    for who in ("owner", "manager"):
        scope = await scope_of(
            services.database, (await find_account(services.database, f"{who}@example.org")).id
        )
        for period in PERIODS:
            given[f"{who}-{period}.json"] = await services.exporter.export(scope, period, moment)
    return given


async def test_its_export_is_byte_for_byte_what_it_was(services: Services, place: Path) -> None:
    given = await documents(services, place)
    assert given == {name: (place / name).read_bytes() for name in given}
    (domain,) = json.loads(given["manager-365d.json"])["domains"]
    assert domain["summary"]["totalCrawls"] > 1_000


async def test_segments_that_waited_are_loaded_and_old_rows_know_nothing_of_it(services: Services) -> None:
    assert services.spool.set_aside() == []
    assert services.spool.published() == []
    assert services.spool.recorded() == []
    known = (
        "max(bytes), max(milliseconds), max(asked_markdown), max(content), max(robots_version), max(format)"
    )
    rows = services.store.columns(f"SELECT count(), {known} FROM records")
    assert rows == [
        [1_681],  # 19 of 1,700 repeat the id of an event that was loaded
        [0],
        [0],
        [False],
        [0],
        [0],
        ["none"],
    ]


async def test_new_crawls_are_measured_beside_them(services: Services, place: Path) -> None:
    domain = await find_domain(services.database, "example.net")
    record = Record(
        domain.id, 1_780_000_000, "crawl", "GPTBot", "openaibot", "ai_training", "unchecked", "hit", 200, "render",
        "/new", asked_markdown=True, format="html",
    )  # fmt: skip
    measured = {"bytes": 2**32 - 1, "milliseconds": 7, "content": 2**64 - 1, "robots_version": 3}
    await services.recorder.record([msgspec.structs.replace(record, **measured)])
    await services.recorder.hand_over()
    await services.loading.load()
    columns = ", ".join([*measured, "asked_markdown", "toString(format)"])
    found = services.store.columns(f"SELECT {columns} FROM records WHERE path = '/new'")
    assert found == [[value] for value in (*measured.values(), True, "html")]


async def test_an_import_that_it_made_can_be_taken_back(services: Services, place: Path) -> None:
    listed = await undoing.listed(services.database)
    before = services.store.command("SELECT sum(n) FROM daily_agents")
    (undone,) = await services.loader.undo([listed[-1].number])
    gone = sum(undone.records.values())
    assert services.store.command("SELECT sum(n) FROM daily_agents") == before - gone
