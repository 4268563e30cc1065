"""The loader goes on, whatever lies in the spool and whoever is away."""

import asyncio
import json
import zlib
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from crawlight.crawls import crawl as crawls
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.domains import pages
from crawlight.ingest.gathering import Gatherer
from crawlight.kit import clock
from tests.ingest.conftest import Place
from tests.records import Record, block_of

pytestmark = pytest.mark.anyio


def publish(
    place: Place, name: str, block: bytes | None = None, known: dict[int, list[str]] | None = None
) -> None:
    spool = place.services.spool
    whole = block_of(place.services.store, [Record()]) if block is None else block
    spool.prepare(name, whole, 1, known or {})
    spool.publish(name)


async def loaded(place: Place, rows: int) -> None:
    """Wait until the running loader has loaded so many rows."""
    async with asyncio.timeout(20):
        while place.services.store.command("SELECT count() FROM records") != rows:
            await asyncio.sleep(0.05)


async def told(place: Place) -> None:
    """Wait until the loader says that something is wrong."""
    async with asyncio.timeout(20):
        while not place.services.loader.state():
            await asyncio.sleep(0.05)


async def test_segments_that_cannot_be_loaded_keep_no_other_back_and_are_told(place: Place) -> None:
    publish(place, "bad-block", b"no Native block")
    (place.services.spool.folder / "Stray.segment").write_bytes(b"not ours")
    publish(place, "good")
    task = asyncio.create_task(place.services.loader.run())
    try:
        await loaded(place, 1)
        await told(place)
        publish(place, "later")
        await loaded(place, 2)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def crawl(path: str = "/", **members: object) -> crawls.Record:
    told = {"domain_id": 1, "identity": "unchecked", "status": 200} | members
    return crawls.Record(
        ts=int(clock.now().timestamp()),
        kind="crawl",
        agent="GPTBot",
        key="openaibot",
        category="ai_training",
        outcome="hit",
        source="render",
        path=path,
        **told,
    )


def rows(place: Place) -> list[tuple[object, ...]]:
    columns = place.services.store.columns("SELECT path, toString(identity) FROM records ORDER BY path")
    return list(zip(*columns, strict=True))


async def test_recorded_crawls_are_judged_and_reach_every_number(place: Place) -> None:
    listed = "20.171.206.1"
    await place.services.recorder.record(
        [
            crawl("/a", address=listed),
            crawl("/b"),
            crawl("/c", address=listed, identity="spoofed"),
            crawl("/d", status=404),
            crawl("/of-nobody", domain_id=99),
        ]
    )
    await place.services.recorder.hand_over()
    assert await place.services.loader.load_published() == 4
    assert rows(place) == [("/a", "verified"), ("/b", "unchecked"), ("/c", "spoofed"), ("/d", "unchecked")]
    assert place.services.store.command("SELECT sum(openaibot) FROM daily") == 3
    assert (await pages.seo_counts(place.services.database, [1]))[1].unknown == 2
    assert [path.suffix for path in place.services.spool.folder.iterdir()] == [".lock"]


async def test_a_batch_stands_in_for_its_sources_whenever_its_maker_dies(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("dead")

    await place.services.recorder.record([crawl("/a")])
    await place.services.recorder.hand_over()
    for call in ("prepare", "publish", "remove_sources"):
        gatherer = Gatherer(place.services.spool, place.services.database, place.identity)
        with monkeypatch.context() as patched:
            patched.setattr(place.services.spool, call, dies)
            with pytest.raises(RuntimeError, match="dead"):
                await gatherer.gather()
    await place.services.loading.load()
    assert rows(place) == [("/a", "unchecked")]


async def test_damage_is_told_and_costs_no_other_record(place: Place) -> None:
    await place.services.recorder.record([crawl(f"/{number}") for number in range(3)])
    await place.services.recorder.hand_over()
    ((name, _),) = place.services.spool.recorded()
    path = place.services.spool.folder / f"{name}.records"
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"/1")] ^= 1
    path.write_bytes(damaged)
    await place.services.loading.load()
    assert [path for path, _ in rows(place)] == ["/0", "/2"]
    assert "1 segments were set aside as unreadable" in place.services.loader.state()


async def test_a_database_that_is_away_stops_no_loading_for_good(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(pages, "learn", away)
    publish(place, "one", known={1: ["/a"]})
    task = asyncio.create_task(place.services.loader.run())
    try:
        await loaded(place, 1)
        await told(place)
        monkeypatch.undo()
        async with asyncio.timeout(20):
            while place.services.spool.published():
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert place.services.store.command("SELECT sum(crawls) FROM daily") == 1
    assert (await pages.seo_counts(place.services.database, [1]))[1].unknown == 1


async def test_strays_among_prepared_segments_are_left_alone(place: Place) -> None:
    stray = place.services.spool.folder / "x.prepared"
    stray.write_bytes(b"")
    await place.services.loading.settle()
    assert stray.exists()


async def test_a_header_may_have_members_of_a_later_version(place: Place) -> None:
    block = block_of(place.services.store, [Record()])
    header = {"rows": 1, "size": len(block), "crc32": zlib.crc32(block), "columns": RECORD_COLUMNS, "new": 1}
    path = Path(place.services.spool.folder, "later.segment")
    path.write_bytes(json.dumps(header).encode() + b"\n" + block)
    assert await place.services.loader.load_published() == 1
