import asyncio
import os
import socket
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from crawlight.accounts.people import create_account
from crawlight.crawls.crawl import content_number
from crawlight.database.engine import Database
from crawlight.database.tables import Snapshot as Row
from crawlight.domains.registry import add_domain
from crawlight.ingest import retired
from crawlight.kit.clock import now
from crawlight.rendering.bodies import Bodies, SnapshotStoreError, content_hash
from crawlight.rendering.service import WAIT_SECONDS
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


def new(text: str, status: int = 200, raw: str = "<html></html>") -> NewSnapshot:
    return NewSnapshot(status=status, html=text.encode(), raw_html=raw.encode(), reason="ready")


@pytest.fixture
async def domain_id(database: Database) -> int:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    return (await add_domain(database, "example.com", "me@example.org")).id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


@pytest.fixture
def snapshots(database: Database, folder: Path) -> Snapshots:
    return Snapshots(database, Bodies(f"file://{folder}"))


def another(database: Database, folder: Path, **options: int) -> Snapshots:
    """The snapshots as another process sees them."""
    return Snapshots(database, Bodies(f"file://{folder}"), **options)


def objects(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_the_newest_is_served_from_memory_and_from_the_store(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    assert await snapshots.get(domain_id, "/ä?b=1") is None
    await snapshots.put(domain_id, "/ä?b=1", new("<p>old ä</p>"))
    stored = await snapshots.put(domain_id, "/ä?b=1", new("<p>new ä</p>", 404))
    assert snapshots.peek(domain_id, "/ä?b=1") == stored
    other = another(database, folder)
    assert other.peek(domain_id, "/ä?b=1") is None
    found = await other.get(domain_id, "/ä?b=1")
    assert found is not None
    assert (found.snapshot.status, found.body.plain().decode()) == (404, "<p>new ä</p>")
    assert found.snapshot == stored.snapshot
    assert await other.raw(found.snapshot) == b"<html></html>"


async def test_the_same_html_is_stored_once(domain_id: int, snapshots: Snapshots, folder: Path) -> None:
    for path in ("/a", "/b", "/c"):
        await snapshots.put(domain_id, path, new("<p>same</p>"))
    assert len(objects(folder)) == 3  # two encodings of what crawlers get, one of the raw page


async def test_history_holds_the_last_changes(domain_id: int, snapshots: Snapshots) -> None:
    for n in range(8):
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))
    kept = await snapshots.history(domain_id, "/a")
    assert [await snapshots.content(one) for one in kept] == [f"<p>{n}</p>".encode() for n in (7, 6, 5, 4, 3)]


async def test_memory_is_bounded_and_keeps_what_was_used_last(
    database: Database, domain_id: int, folder: Path
) -> None:
    snapshots = another(database, folder, memory_bytes=60_000)
    noise = [os.urandom(8_000).hex() for _ in range(4)]
    for n, text in enumerate(noise[:2]):
        await snapshots.put(domain_id, f"/{n}", new(text))
    assert snapshots.peek(domain_id, "/0")
    for n, text in enumerate(noise[2:], 2):
        await snapshots.put(domain_id, f"/{n}", new(text))
    held = [n for n in range(4) if snapshots.peek(domain_id, f"/{n}")]
    assert 3 in held
    assert 1 not in held
    assert 0 < snapshots.memory_bytes <= 60_000
    again = await snapshots.get(domain_id, "/1")
    assert again is not None
    assert again.body.plain().decode() == noise[1]


async def test_the_uncompressed_body_is_kept_within_the_same_bound(
    database: Database, domain_id: int, folder: Path
) -> None:
    snapshots = another(database, folder, memory_bytes=60_000)
    noise = os.urandom(8_000).hex()
    first = await snapshots.put(domain_id, "/0", new(noise))
    used = snapshots.memory_bytes
    assert snapshots.plain(first) == noise.encode()
    assert snapshots.plain(first) is snapshots.plain(first)
    assert snapshots.memory_bytes == used + len(noise)
    second = await snapshots.put(domain_id, "/1", new(noise[::-1]))
    assert snapshots.plain(second) == noise[::-1].encode()
    assert (used := snapshots.memory_bytes) <= 60_000
    assert snapshots.peek(domain_id, "/0") is None
    assert snapshots.plain(first) == noise.encode()
    assert snapshots.memory_bytes == used


async def test_processes_learn_from_each_other(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    await snapshots.put(domain_id, "/a", new("<p>1</p>"))
    other = another(database, folder)
    assert await other.get(domain_id, "/a")
    await other.follow()
    await snapshots.put(domain_id, "/a", new("<p>2</p>"))
    await other.follow()
    held = other.peek(domain_id, "/a")
    assert held is not None
    assert held.body.plain() == b"<p>2</p>"


@pytest.mark.parametrize("damage", [b"", b"half", None])
async def test_a_damaged_or_lost_body_is_as_good_as_none(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path, damage: bytes | None
) -> None:
    await snapshots.put(domain_id, "/a", new("<p>1</p>", raw="<p>1</p>"))
    for path in objects(folder):
        path.unlink() if damage is None else path.write_bytes(damage)
    assert await another(database, folder).get(domain_id, "/a") is None


async def test_a_store_that_is_gone_changes_nothing(
    domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    stored = await snapshots.put(domain_id, "/a", new("<p>1</p>"))
    for path in objects(folder):
        path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()
    folder.write_text("a file where the folder was")
    with pytest.raises(SnapshotStoreError):
        await snapshots.put(domain_id, "/a", new("<p>2</p>"))
    assert snapshots.peek(domain_id, "/a") == stored
    assert len(await snapshots.history(domain_id, "/a")) == 1


async def test_many_who_ask_load_it_once(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    await snapshots.put(domain_id, "/a", new("<p>1</p>"))
    other = another(database, folder)
    found = await asyncio.gather(*(other.get(domain_id, "/a") for _ in range(20)))
    assert len({id(one) for one in found}) == 1


async def nothing(_contents: Collection[int]) -> Collection[int]:
    return ()


def grow_old(folder: Path) -> None:
    for path in objects(folder):
        os.utime(path, (1_600_000_000, 1_600_000_000))


async def texts(database: Database, domain_id: int, snapshots: Snapshots) -> list[str]:
    """What is stored of all pages, also outside of their history; a body that is gone is an error."""
    async with database.read() as session:
        hashes = await session.scalars(
            select(Row.content_hash).filter_by(domain_id=domain_id).order_by(Row.id)
        )
        return [(await snapshots.body(one)).decode() for one in hashes]  # type: ignore[union-attr]


async def test_sweeping_removes_what_no_snapshot_names(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    for n in range(7):
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))
    await retired.drop_retired(database, nothing)
    assert len(await texts(database, domain_id, snapshots)) == 7  # too young: a crawl may be on its way
    grow_old(folder)
    assert await snapshots.sweep() == 0
    await snapshots.put(domain_id, "/b", new("<p>0</p>"))  # names again what was free
    with time_machine.travel(now() + timedelta(days=2)):
        await retired.drop_retired(database, nothing)
        grow_old(folder)
        assert await snapshots.sweep() == 2  # <p>1</p> in two encodings
    kept = await snapshots.history(domain_id, "/a") + await snapshots.history(domain_id, "/b")
    assert all([await snapshots.content(one) for one in kept])


async def test_what_a_crawler_got_last_outlives_the_history(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retired, "ASKED_AT_ONCE", 2)
    for n in range(10):
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))
    got = {content_number(content_hash(f"<p>{n}</p>".encode())) for n in (1, 3, 9)}
    asked = set[int]()

    async def fetched(contents: Collection[int]) -> Collection[int]:
        asked.update(contents)
        return got & set(contents)

    grow_old(folder)
    with time_machine.travel(now() + timedelta(days=2)):
        await retired.drop_retired(database, fetched)
        assert await snapshots.sweep() == 6  # three pages in two encodings
    assert len(asked) == 5
    assert await texts(database, domain_id, snapshots) == [f"<p>{n}</p>" for n in (1, 3, 5, 6, 7, 8, 9)]
    assert len(await snapshots.history(domain_id, "/a")) == 5
    with time_machine.travel(now() + timedelta(days=3)):
        await retired.drop_retired(database, nothing)
        assert await snapshots.sweep() == 4
    assert len(await texts(database, domain_id, snapshots)) == 5


async def test_nothing_goes_while_nobody_knows_what_crawlers_got(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    for n in range(8):
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))

    async def away(_contents: Collection[int]) -> Collection[int]:
        raise OSError("the store is away")

    grow_old(folder)
    with time_machine.travel(now() + timedelta(days=2)), pytest.raises(OSError, match="away"):
        await retired.drop_retired(database, away)
    assert len(await texts(database, domain_id, snapshots)) == 8


async def test_a_retired_content_that_comes_again_is_one_row(
    database: Database, domain_id: int, folder: Path
) -> None:
    snapshots = another(database, folder, history=1)
    for text in ("<p>a</p>", "<p>b</p>", "<p>a</p>", "<p>b</p>", "<p>b</p>"):
        await snapshots.put(domain_id, "/a", new(text))
        await snapshots.put(domain_id, "/other", new(text))
    assert sorted(await texts(database, domain_id, snapshots)) == ["<p>a</p>"] * 2 + ["<p>b</p>"] * 2
    assert len(await snapshots.history(domain_id, "/a")) == 1
    found = await another(database, folder).get(domain_id, "/a")
    assert found is not None
    assert found.body.plain() == b"<p>b</p>"


async def test_of_a_page_that_becomes_private_nothing_is_kept(
    database: Database, domain_id: int, snapshots: Snapshots, folder: Path
) -> None:
    for n in range(8):
        await snapshots.put(domain_id, "/a", new(f"<p>{n}</p>"))
    await snapshots.withhold(domain_id, "/a", new("<p>mine</p>"))
    assert await texts(database, domain_id, snapshots) == [""]
    grow_old(folder)
    await snapshots.sweep()
    assert len(objects(folder)) == 2  # the empty body in both encodings


async def test_a_store_that_is_silent_is_given_up_while_a_crawler_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            monkeypatch.setenv(name, "test")
        bodies = Bodies("s3://bucket/prefix")
        async with asyncio.timeout(WAIT_SECONDS):
            with pytest.raises(SnapshotStoreError):
                await bodies.get(b"x" * 32)
