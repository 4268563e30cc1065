"""A process without a worker hears when a page that it waits for is done elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.domains import wanted
from crawlight.domains.registry import add_domain
from crawlight.domains.sites import Site, load_sites
from crawlight.rendering import service
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.service import Prerenderer
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(database: Database) -> Site:
    await create_account(database, DEFAULT_PLANS, "a@example.org", plan="pro")
    domain = await add_domain(database, "example.com", "a@example.org")
    return (await load_sites(database))[domain.id]


@pytest.fixture
async def waiting(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Prerenderer]:
    # By itself it would look far too late.
    monkeypatch.setattr(service, "_LOOK_EVERY_SECONDS", 1_000.0)
    snapshots = Snapshots(database, Bodies(f"file://{tmp_path}/snapshots"))
    prerenderer = Prerenderer(database, snapshots, wait_seconds=60)
    yield prerenderer
    await prerenderer.close()


async def test_it_tells_that_a_page_is_wanted_and_hears_that_it_is_done(
    database: Database, site: Site, waiting: Prerenderer, tmp_path: Path
) -> None:
    told = asyncio.Event()
    waiting.tell = told.set
    asked = asyncio.create_task(waiting.get(site, "/page"))
    async with asyncio.timeout(30):
        await told.wait()
    # The worker of another process, which has snapshots of its own.
    (claimed,) = await wanted.claim(database, 1)
    elsewhere = Snapshots(database, Bodies(f"file://{tmp_path}/snapshots"))
    await elsewhere.put(site.id, "/page", NewSnapshot(status=200, html=b"<p>done</p>", raw_html=b""))
    await wanted.done(database, claimed)
    waiting.heard()
    served = await asked
    assert (served.hit, served.reason) == (False, "rendered")
    assert served.stored is not None
    assert served.stored.snapshot.status == 200


async def test_it_hears_of_a_render_that_failed(database: Database, site: Site, waiting: Prerenderer) -> None:
    told = asyncio.Event()
    waiting.tell = told.set
    asked = asyncio.create_task(waiting.get(site, "/page"))
    async with asyncio.timeout(30):
        await told.wait()
    (claimed,) = await wanted.claim(database, 1)
    await wanted.failed(database, claimed, "timeout")
    waiting.heard()
    assert (await asked).reason == "timeout"


async def test_a_process_with_a_worker_wakes_it(waiting: Prerenderer) -> None:
    woken = asyncio.Event()
    waiting.wake = woken.set
    waiting.heard()
    assert woken.is_set()
