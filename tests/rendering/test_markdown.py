"""The Markdown of snapshots: made once, stored beside the HTML, renewed and removed with it."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.domains.registry import add_domain
from crawlight.ingest.retired import drop_retired
from crawlight.kit.clock import now
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio

URL = "https://example.com/page"


@pytest.fixture
async def domain_id(database: Database) -> int:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    return (await add_domain(database, "example.com", "me@example.org")).id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def opened(database: Database, folder: Path, **options: int) -> Snapshots:
    return Snapshots(database, Bodies(f"file://{folder}"), **options)


def new(text: str) -> NewSnapshot:
    return NewSnapshot(status=200, html=f"<p>{text}</p>".encode(), raw_html=b"<html></html>", reason="ready")


def written(folder: Path) -> list[Path]:
    return list(folder.glob("*/*.md*"))


async def test_it_is_stored_when_it_is_first_asked_for_and_held(
    database: Database, folder: Path, domain_id: int
) -> None:
    snapshots = opened(database, folder)
    stored = await snapshots.put(domain_id, "/page", new("one"))
    assert written(folder) == []
    before = snapshots.memory_bytes
    made = await snapshots.markdown.of(stored, URL)
    assert made is not None
    assert (made.text.endswith(b"\n\none\n"), made.canonical) == (True, URL)
    assert len(written(folder)) == 1
    assert snapshots.memory_bytes == before + made.size
    assert await snapshots.markdown.of(stored, URL) is made


async def test_another_process_finds_it_and_damage_is_made_good(
    database: Database, folder: Path, domain_id: int
) -> None:
    first = opened(database, folder)
    made = await first.markdown.of(await first.put(domain_id, "/page", new("one")), URL)
    assert made is not None
    for damage in (b"", b"damaged", written(folder)[0].read_bytes()[:-1], None):
        other = opened(database, folder)
        stored = await other.get(domain_id, "/page")
        assert stored is not None
        (file,) = written(folder)
        if damage is not None:
            file.write_bytes(damage)
        assert await other.markdown.of(stored, URL) == made
        (file,) = written(folder)
        assert len(file.read_bytes()) > 20


async def test_it_is_renewed_with_the_page(database: Database, folder: Path, domain_id: int) -> None:
    snapshots = opened(database, folder)
    for text in ("one", "two"):
        made = await snapshots.markdown.of(await snapshots.put(domain_id, "/page", new(text)), URL)
        assert made is not None
        assert made.text.endswith(f"\n\n{text}\n".encode())


async def test_the_same_html_at_another_address_is_other_markdown(
    database: Database, folder: Path, domain_id: int
) -> None:
    snapshots = opened(database, folder)
    for path in ("/a", "/b/c"):
        stored = await snapshots.put(
            domain_id, path, NewSnapshot(status=200, html=b"<a href=x>x</a>", raw_html=b"")
        )
        made = await snapshots.markdown.of(stored, f"https://example.com{path}")
        assert made is not None
        assert f"(https://example.com{path[:-1]}x)".encode() in made.text


async def test_what_is_let_go_of_takes_no_memory(database: Database, folder: Path, domain_id: int) -> None:
    snapshots = opened(database, folder, memory_bytes=2_000)
    stored = await snapshots.put(domain_id, "/page", new("word " * 2_000))
    made = await snapshots.markdown.of(stored, URL)
    assert made is not None
    assert made.size > 2_000
    assert (snapshots.held, snapshots.memory_bytes) == (0, 0)


async def nobody(_contents: Collection[int]) -> Collection[int]:
    return ()


async def test_it_goes_when_no_snapshot_has_its_html_any_more(
    database: Database, folder: Path, domain_id: int
) -> None:
    snapshots = opened(database, folder, history=1)
    await snapshots.markdown.of(await snapshots.put(domain_id, "/page", new("one")), URL)
    await snapshots.markdown.of(await snapshots.put(domain_id, "/page", new("two")), URL)
    with time_machine.travel(now() + timedelta(days=2)):
        assert await snapshots.sweep() == 0  # It is kept as what some crawler got last is.
        assert len(written(folder)) == 2
        await drop_retired(database, nobody)
        assert await snapshots.sweep() == 3
    assert len(written(folder)) == 1


async def test_of_a_page_that_is_not_kept_nothing_is_stored(
    database: Database, folder: Path, domain_id: int
) -> None:
    snapshots = opened(database, folder)
    stored = await snapshots.withhold(domain_id, "/page", new("mine alone"))
    made = await snapshots.markdown.of(stored, URL)
    assert made is not None
    assert b"mine alone" in made.text
    assert written(folder) == []
