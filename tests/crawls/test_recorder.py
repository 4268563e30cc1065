"""Acknowledged means on disk: what is watched here are the calls, kills are in tests/cli."""

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from crawlight.crawls.crawl import Record
from crawlight.crawls.recorder import Recorder, SpoolFullError
from crawlight.crawls.spool import Spool
from crawlight.ids import DomainId

pytestmark = pytest.mark.anyio


def crawl(path: str = "/", **members: Any) -> Record:
    told: dict[str, Any] = {
        "identity": "unchecked",
        "outcome": "hit",
        "status": 200,
        "source": "render",
    } | members
    return Record(
        DomainId(1), 1_780_000_000, "crawl", "GPTBot", "openaibot", "ai_training", path=path, **told
    )


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def recorded(spool: Spool) -> list[Record]:
    return [record for name, _ in spool.recorded() for record in spool.read_recorded(name).records]


async def handed_over(spool: Spool, count: int) -> list[Record]:
    async with asyncio.timeout(20):
        while len(found := recorded(spool)) < count:
            await asyncio.sleep(0.02)
    return found


async def test_records_come_back_as_they_were_given(spool: Spool) -> None:
    records = [crawl("/a", address="192.0.2.1", event_id="é"), crawl("/b", identity="spoofed")]
    recorder = Recorder(spool)
    await recorder.record(records)
    await recorder.record([])
    await recorder.close()
    assert recorded(spool) == records
    ((name, _),) = spool.recorded()
    assert spool.read_recorded(name).closed


async def test_a_moment_later_they_are_handed_over_while_the_recorder_goes_on(spool: Spool) -> None:
    recorder = Recorder(spool, age_seconds=0.01)
    await recorder.record([crawl("/a")])
    await handed_over(spool, 1)
    await recorder.record([crawl("/b")])
    assert [one.path for one in await handed_over(spool, 2)] == ["/a", "/b"]
    await recorder.close()


async def test_a_segment_that_is_full_is_handed_over_at_once(spool: Spool) -> None:
    recorder = Recorder(spool, segment_bytes=4096, age_seconds=1e9)
    for number in range(200):
        await recorder.record([crawl(f"/{number}")])
    assert len(spool.recorded()) > 1
    await recorder.close()
    assert [one.path for one in recorded(spool)] == [f"/{number}" for number in range(200)]


async def test_the_acknowledgement_waits_for_the_disk(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("fdatasync", "fsync", "pwrite", "rename"):
        real = getattr(os, name)

        def watched(*args: object, _real: Any = real, _name: str = name) -> object:
            calls.append(_name)
            return _real(*args)

        monkeypatch.setattr(os, name, watched)
    recorder = Recorder(spool)
    await recorder.record([crawl()])
    assert calls == ["rename", "fsync", "pwrite", "fdatasync"]
    calls.clear()
    await recorder.record([crawl()])
    assert calls == ["pwrite", "fdatasync"]
    await recorder.close()


async def test_while_one_write_is_on_its_way_all_others_share_the_next(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs, real = 0, os.fdatasync

    def counted(file: int) -> None:
        nonlocal syncs
        syncs += 1
        real(file)

    monkeypatch.setattr(os, "fdatasync", counted)
    recorder = Recorder(spool)
    await asyncio.gather(*(recorder.record([crawl(f"/{number}")]) for number in range(500)))
    assert syncs <= 3
    await recorder.close()
    assert len(recorded(spool)) == 500


@pytest.mark.parametrize("call", ["fdatasync", "pwrite", "posix_fallocate"])
async def test_what_the_disk_refuses_is_not_accepted_and_not_counted(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    recorder = Recorder(spool, segment_bytes=4096)
    await recorder.record([crawl("/before")])
    if call == "posix_fallocate":
        await handed_over(spool, 1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(SpoolFullError, match="No space left on device"):
            await recorder.record([crawl("/refused"), crawl("/refused")])
        assert recorder.lost == 0  # Whoever sent them was told, and sends them again.
        assert not await recorder.record_or_lose([crawl("/lost"), crawl("/lost")])
    assert recorder.lost == 2
    await recorder.record([crawl("/after")])
    await recorder.close()
    spool.adopt()
    assert [one.path for one in recorded(spool)] == ["/before", "/after"]
    assert {path.suffix for path in spool.folder.iterdir()} == {".records"}


async def test_who_must_go_on_is_told_and_the_log_once_a_minute(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    recorder = Recorder(spool)
    with monkeypatch.context() as patched, capture_logs() as told:
        patched.setattr(os, "fdatasync", full)
        assert [await recorder.record_or_lose([crawl()]) for _ in range(3)] == [False] * 3
    assert [line["event"] for line in told] == ["crawls_lost"]
    assert (recorder.lost, recorder.failure) == (3, "the spool cannot be written: No space left on device")
    assert await recorder.record_or_lose([crawl()])
    assert recorder.failure == ""
    await recorder.close()
    assert len(recorded(spool)) == 1


async def test_text_that_is_no_unicode_is_refused(spool: Spool) -> None:
    recorder = Recorder(spool)
    with pytest.raises(ValueError):
        await recorder.record([crawl(), crawl(event_id="\ud800")])
    await recorder.close()
    assert not spool.recorded()


async def test_the_segment_of_the_dead_is_adopted_that_of_the_living_is_not(spool: Spool) -> None:
    code = (
        "import asyncio, os, sys; from pathlib import Path; from tests.crawls.test_recorder import *\n"
        "async def main():\n"
        "    await Recorder(Spool(Path(sys.argv[1])), age_seconds=1e9).record([crawl('/of-the-dead')])\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    process = subprocess.run([sys.executable, "-c", code, str(spool.folder)], check=False)
    assert process.returncode == -9
    recorder = Recorder(spool, age_seconds=1e9)
    await recorder.record([crawl("/of-the-living")])
    (adopted,) = spool.adopt()
    found = spool.read_recorded(adopted)
    assert [one.path for one in found.records] == ["/of-the-dead"]
    assert (found.closed, found.torn, found.damaged) == (False, 0, b"")
    await recorder.close()
    assert len(recorded(spool)) == 2


def test_a_recorder_needs_no_events_store() -> None:
    code = "import sys, crawlight.crawls.recorder; print([m for m in sys.modules if m.startswith(('chdb', 'click'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
