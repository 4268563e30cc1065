"""Processes that are there to be killed: ``python -m tests.ingest.dying write|load|undo FOLDER RUN``."""

import asyncio
import sys
import time
from pathlib import Path

from crawlight.crawls.crawl import Record
from crawlight.crawls.recorder import Recorder
from crawlight.crawls.spool import Spool


def crawl(path: str, event_id: str) -> Record:
    """A crawl that nobody has judged yet, its address in the documentation's network."""
    told = ("crawl", "Googlebot", "googlebot", "search", "unchecked", "hit", 200, "event")
    return Record(1, int(time.time()), *told, path, "192.0.2.1", event_id)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def write(folder: Path, run: str) -> None:
    """Record for ever, several at a time; print each crawl once it is acknowledged."""
    recorder = Recorder(Spool(folder / "spool"), segment_bytes=64 * 1024, age_seconds=0.05)

    async def lane(number: int) -> None:
        for turn in range(1_000_000):
            paths = [f"/{run}/{number}/{turn}/{one}" for one in range(1 + turn % 5)]
            await recorder.record([crawl(path, path if turn % 2 else "") for path in paths])
            say("\n".join(paths))
            await asyncio.sleep(0.001)

    await asyncio.gather(*(lane(number) for number in range(5)))


async def load(folder: Path, _run: str) -> None:
    """Load for ever, without a pause."""
    from crawlight.runtime.services import open_services
    from crawlight.settings import load_settings

    async with open_services(load_settings(data_dir=folder)) as services:
        say("loads")
        while True:
            await services.loading.load()
            await asyncio.sleep(0.01)


async def undo(folder: Path, log: str) -> None:
    """Take back what was imported of a log."""
    from crawlight.ingest import undoing
    from crawlight.runtime.services import open_services
    from crawlight.settings import load_settings

    async with open_services(load_settings(data_dir=folder)) as services:
        numbers = await undoing.meant_by(services.database, log)
        say("undoes")
        await services.loader.undo(numbers)


if __name__ == "__main__":
    asyncio.run({"write": write, "load": load, "undo": undo}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3]))
