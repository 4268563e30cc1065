"""Each part is broken on purpose: the crawler gets its page or 204, never an error, and soon again its page."""

import asyncio
import errno
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import OperationalError

from tests.edge.rendered import Edge, rendering_edge, told

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("failing") / "data", render_wait=3) as opened:
        opened.page("/warm")
        # The first render starts the browser, which may take longer than a crawler waits.
        await until(opened, "/warm", lambda answer: told(answer) == (200, "hit", "fresh"))
        yield opened


async def until(edge: Edge, path: str, condition: Callable[..., bool]) -> None:
    """Ask until the answer is as wanted; no answer on the way may be an error."""
    end = time.monotonic() + 120
    while True:
        answer = await edge.get(path)
        assert answer.status_code in (200, 204)
        if condition(answer):
            return
        assert time.monotonic() < end, told(answer)
        await asyncio.sleep(0.05)


def browsers(edge: Edge) -> list[psutil.Process]:
    """The processes of this edge's browser, and of no other test's."""
    current = edge.services.renderer.supervisor.current
    if current is None or current.process is None:
        return []
    leader = psutil.Process(current.process.pid)
    return [leader, *leader.children(recursive=True)]


async def serves(edge: Edge) -> bool:
    return told(await edge.get("/warm")) == (200, "hit", "fresh")


async def renders(edge: Edge, path: str) -> None:
    """A page that nobody has asked for is rendered, sooner or later."""
    edge.page(path)
    edge.services.edge.prerenderer.forget()
    await until(edge, path, lambda answer: answer.status_code == 200)


async def test_browser_killed(edge: Edge) -> None:
    for process in browsers(edge):
        process.kill()
    assert await serves(edge)
    await renders(edge, "/after-kill")


async def test_browser_frozen(edge: Edge) -> None:
    frozen = browsers(edge)
    assert frozen
    for process in frozen:
        os.kill(process.pid, signal.SIGSTOP)
    assert await serves(edge)
    await renders(edge, "/after-freeze")


async def test_database_locked(edge: Edge) -> None:
    file = edge.services.settings.data_dir / "crawlight.sqlite"
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        assert await serves(edge)
        edge.page("/locked")
        assert (await edge.get("/locked")).status_code == 204
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    await renders(edge, "/locked")


async def test_snapshot_store_gone(edge: Edge) -> None:
    folder = edge.services.settings.data_dir / "snapshots"
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("no folder")
    try:
        assert await serves(edge)
        edge.page("/unstored")
        # Rendered for those who wait, though it cannot be kept.
        await until(edge, "/unstored", lambda answer: answer.status_code == 200)
    finally:
        folder.unlink()
        aside.rename(folder)
    await renders(edge, "/stored-again")


async def with_a_spool_that_takes_nothing(
    edge: Edge, break_it: Callable[[Path], None], mend: Callable[[Path], None]
) -> None:
    folder = edge.services.spool.folder
    await edge.services.recorder.hand_over()
    before = edge.services.edge.decider.unrecorded
    break_it(folder)
    try:
        answer = await edge.get("/warm")
        assert told(answer) == (200, "hit", "fresh; not_recorded")
        assert edge.services.edge.decider.unrecorded == before + 1
    finally:
        mend(folder)
    assert await serves(edge)


async def test_spool_gone(edge: Edge) -> None:
    await with_a_spool_that_takes_nothing(
        edge,
        lambda folder: folder.rename(folder.with_name("elsewhere")) and None,
        lambda folder: folder.with_name("elsewhere").rename(folder) and None,
    )


@pytest.mark.parametrize("number", ["ENOSPC", "EROFS"])
async def test_disk_full_or_read_only(edge: Edge, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A disk cannot be filled or remounted everywhere that tests run: the call that writes says so instead.
    import errno

    def refuse(*_: object) -> None:
        code = getattr(errno, number)
        raise OSError(code, os.strerror(code))

    def break_it(_: Path) -> None:
        monkeypatch.setattr("crawlight.crawls.recorder.os.posix_fallocate", refuse)
        monkeypatch.setattr("crawlight.crawls.recorder.os.pwrite", refuse)

    await with_a_spool_that_takes_nothing(edge, break_it, lambda _: monkeypatch.undo())


async def test_disk_full_for_everything(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @asynccontextmanager
    async def full(*_: object, **__: object) -> AsyncIterator[None]:
        raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))
        yield

    edge.page("/rendered-on-a-full-disk")
    with monkeypatch.context() as patched:
        patched.setattr("crawlight.crawls.recorder.os.posix_fallocate", refuse)
        patched.setattr("crawlight.crawls.recorder.os.pwrite", refuse)
        patched.setattr(edge.services.database, "write", full)
        rendered = (200, "miss", "rendered; not_recorded")
        for _ in range(2):  # Once more for the next who asks: nothing can be kept of it.
            await until(edge, "/rendered-on-a-full-disk", lambda answer: told(answer) == rendered)
    edge.services.edge.prerenderer.forget()
    await until(edge, "/rendered-on-a-full-disk", lambda answer: told(answer) == (200, "hit", "fresh"))


async def test_a_fault_of_our_own(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("crawlight.edge.decide.classify", fail)
    assert told(await edge.get("/warm")) == (204, "none", "internal_error")


async def test_no_answer_is_lost_while_browsers_die_under_load(edge: Edge) -> None:
    edge.services.edge.prerenderer.forget()

    async def ask(n: int) -> Awaitable[int]:
        edge.page(f"/load/{n}")
        return (await edge.get(f"/load/{n}")).status_code  # type: ignore[return-value]

    asked = [asyncio.create_task(ask(n)) for n in range(12)]
    await asyncio.sleep(0)
    for process in browsers(edge):
        process.kill()
    assert set(await asyncio.gather(*asked)) <= {200, 204}
    for n in range(12):
        await renders(edge, f"/load/{n}")
