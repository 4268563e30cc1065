"""What must hold for a business's numbers: whoever is away, whatever is poisoned, however odd the data."""

import asyncio
import random
import subprocess
import sys
from datetime import timedelta

import msgspec
import pytest

from crawlight.crawls import frames
from crawlight.crawls.crawl import Record
from crawlight.crawls.recorder import Recorder
from crawlight.domains import pages
from crawlight.events.store import StoreError
from crawlight.ingest.gathering import Gatherer
from crawlight.ingest.loader import Loader
from crawlight.kit import clock
from tests.ingest.conftest import Place
from tests.ingest.test_loader import publish

pytestmark = pytest.mark.anyio


def crawl(path: str, **members: object) -> Record:
    told = {"ts": int(clock.now().timestamp()), "identity": "unverifiable", "status": 200} | members
    return Record(
        domain_id=1,
        kind="crawl",
        agent="GPTBot",
        key="openaibot",
        category="ai_training",
        outcome="hit",
        source="event",
        path=path,
        **told,
    )


async def count(place: Place) -> int:
    return int(await place.services.store.run(place.services.store.command, "SELECT count() FROM records"))


async def until(met: object) -> None:
    async with asyncio.timeout(60):
        while not await met():
            await asyncio.sleep(0.05)


async def test_crawls_wait_while_the_store_is_away_and_nothing_is_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's own calls are made to fail here; a store that is really gone is in tests/events."""
    services = place.services

    def away(*_: object, **__: object) -> None:
        raise StoreError("connection refused")

    task = asyncio.create_task(services.loader.run())
    with monkeypatch.context() as patched:
        patched.setattr(services.store, "insert_block", away)
        patched.setattr(services.store, "ping", away)
        for number in range(50):
            await services.recorder.record([crawl(f"/{number}")])
        await services.recorder.hand_over()

        async def told() -> bool:
            return services.loader.state() == "connection refused"

        await until(told)
        await services.recorder.record([crawl("/meanwhile")])
    assert not services.spool.set_aside()
    await services.recorder.hand_over()

    async def back() -> bool:
        return await count(place) == 51 and not services.loader.state()

    await until(back)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_segment_that_is_refused_again_and_again_is_set_aside_while_others_load(place: Place) -> None:
    services = place.services
    stores = (services.spool, services.store, services.database, place.identity)
    loader = Loader(*stores, retry_seconds=0.0)
    publish(place, "poisoned", b"no Native block")
    for _ in range(10):
        await loader.load_published()
    assert services.spool.published() == ["poisoned"]  # Alone, it may be the store's fault.
    assert "segment poisoned is refused" in loader.state()
    publish(place, "good")
    await loader.load_published()
    assert (services.spool.published(), services.spool.set_aside()) == ([], ["poisoned"])
    assert "1 segments were set aside" in loader.state()
    assert await count(place) == 1


async def test_a_record_that_no_store_could_hold_spoils_no_other(place: Place) -> None:
    odd = [crawl("/x", status=70_000), crawl("/x", ts=-1), crawl("/x", identity="trusted")]
    await place.services.recorder.record([crawl("/a"), *odd, crawl("/b")])
    await place.services.recorder.hand_over()
    await place.services.loading.load()
    assert place.services.store.columns("SELECT path FROM records ORDER BY path") == [["/a", "/b"]]
    assert len(place.services.spool.set_aside()) == 1


async def test_two_loaders_on_one_spool_count_everything_once(place: Place) -> None:
    services = place.services
    stores = (services.spool, services.store, services.database, place.identity)
    tasks = [asyncio.create_task(Loader(*stores).run()) for _ in range(2)]
    recorder = Recorder(services.spool, segment_bytes=2048, age_seconds=0.01)
    for number in range(300):
        await recorder.record([crawl(f"/{number}")])
    await recorder.close()

    async def all_loaded() -> bool:
        return await count(place) >= 300 and not services.spool.recorded() and not services.spool.published()

    await until(all_loaded)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await count(place) == 300
    assert services.store.command("SELECT sum(crawls) FROM daily") == 300


async def test_every_flipped_bit_is_noticed_and_costs_one_record_at_most() -> None:
    records = [crawl(f"/{number}", ts=1_780_000_000) for number in range(3)]
    whole = frames.encode(records) + frames.end(3)
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        found = frames.decode(bytes(damaged))
        assert all(record in records for record in found.records)
        assert len(found.records) >= 2
        assert not found.closed
        assert found.damaged or found.torn


async def test_a_segment_cut_anywhere_keeps_what_is_whole() -> None:
    records = [crawl(f"/{number}", ts=1_780_000_000) for number in range(3)]
    sizes = [len(frames.encode(records[:number])) for number in range(4)]
    whole = frames.encode(records)
    for end in range(len(whole) + 1):
        for rest in (b"", b"\0" * 100):
            found = frames.decode(whole[:end] + rest)
            assert found.records == records[: sum(size <= end for size in sizes[1:])]
            assert (found.closed, found.damaged) == (False, b"")
            # A write may end in zeros of its own.
            assert end - max(size for size in sizes if size <= end) - 3 <= found.torn


async def test_random_bytes_are_no_segment() -> None:
    draw = random.Random(5)
    for size in (0, 1, 9, 10, 11, 1000, 100_000):
        data = draw.randbytes(size)
        found = frames.decode(data)
        assert found.records == []
        assert found.torn >= size - 3


async def test_late_odd_and_repeated_data(place: Place) -> None:
    now = clock.now()
    paths = ["/", "/%2e%2e/%2F", "/" + "x" * 8191, "/%FF%FE", "/'\"\\\t\n;--", "/日本", "/a?b=%00", "/%"]
    records = [crawl(path) for path in paths]
    records += [crawl("/late", ts=int((now - timedelta(days=365)).timestamp())), crawl("/epoch", ts=0)]
    records += [crawl("/a", ts=int((now - timedelta(hours=hours)).timestamp())) for hours in (5, 1, 9)]
    records += [crawl("/same", event_id="1", ts=int((now - timedelta(days=1)).timestamp()))] * 3
    await place.services.recorder.record(records)
    await place.services.recorder.hand_over()
    await place.services.loading.load()
    found = place.services.store.columns("SELECT path FROM records")[0]
    assert sorted(found) == sorted([*paths, "/late", "/epoch", "/a", "/a", "/a", "/same"])
    days = place.services.store.columns("SELECT day FROM daily ORDER BY day")[0]
    assert (now - timedelta(days=365)).date() in days


@pytest.mark.parametrize("many", [60_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
async def test_many_distinct_paths_in_bounded_memory(place: Place, many: int) -> None:
    """A batch takes what makes one insert, however much waits."""
    services = place.services
    recorder = Recorder(services.spool)
    paths = iter(range(many))
    while chunk := [crawl(f"/{number}/" + "x" * 200) for number in list_of(paths, 5_000)]:
        await recorder.record(chunk)
    await recorder.close()
    gatherer = Gatherer(services.spool, services.database, place.identity)
    assert await gatherer.gather()
    assert services.spool.recorded()
    await services.loading.load()
    assert await count(place) == many
    assert services.store.command("SELECT uniqExact(page) FROM pages_daily") == many
    assert (await pages.seo_counts(services.database, [1]))[1].unknown == many


def list_of(numbers: object, most: int) -> list[int]:
    return [number for _, number in zip(range(most), numbers, strict=False)]


FULL = """
import asyncio, resource, sys
from pathlib import Path
from crawlight.crawls.recorder import Recorder, SpoolFullError
from crawlight.crawls.spool import Spool
from tests.ingest.test_loading import crawl

async def main():
    recorder, accepted, refused = Recorder(Spool(Path(sys.argv[1])), segment_bytes=4096, age_seconds=1e9), 0, 0
    while not refused:
        try:
            await recorder.record([crawl(f"/{accepted}/" + "x" * 3000)] * 2)
            accepted += 1
        except SpoolFullError as error:
            assert "File too large" in str(error)
            refused += 1
    await recorder.record([crawl("/small")])
    await recorder.close()
    print(accepted, recorder.lost)

resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
asyncio.run(main())
"""


async def test_a_write_that_the_system_cuts_short_leaves_no_half(place: Place) -> None:
    """A file's size is bounded: the kernel takes a part of a write, refuses the rest, and nothing counts as lost."""
    command = [sys.executable, "-c", FULL, str(place.services.spool.folder)]
    told = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert told.stderr == ""
    assert told.stdout == "0 0\n"
    await place.services.loading.load()
    assert place.services.store.columns("SELECT path FROM records") == [["/small"]]


async def test_an_address_is_nowhere_after_the_load(place: Place) -> None:
    address = "198.51.100.77"
    record = crawl("/a", identity="unchecked", address=address)
    await place.services.recorder.record([msgspec.structs.replace(record, agent="Googlebot"), record])
    await place.services.recorder.hand_over()
    await place.services.loading.load()
    folder = place.services.settings.data_dir
    kept = [path for path in folder.rglob("*") if path.is_file() and address.encode() in path.read_bytes()]
    assert kept == []
    assert await count(place) == 2
