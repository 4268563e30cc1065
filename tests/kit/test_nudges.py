"""Nudges reach those that listen, and nobody minds those that do not."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from crawlight.kit.nudges import Nudges

pytestmark = pytest.mark.anyio

NUDGE = (
    "import pathlib, sys; from crawlight.kit.nudges import Nudges; Nudges(pathlib.Path(sys.argv[1])).nudge()"
)


async def nudged_by_another(folder: Path) -> None:
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", NUDGE, str(folder)], check=True)


async def test_another_process_is_heard_and_ones_own_nudges_are_not(tmp_path: Path) -> None:
    heard = asyncio.Event()
    ear = Nudges(tmp_path / "nudges")
    ear.listen(heard.set)
    ear.nudge()
    await asyncio.sleep(0)
    assert not heard.is_set()
    await nudged_by_another(tmp_path / "nudges")
    async with asyncio.timeout(30):
        await heard.wait()
    ear.close()
    assert list((tmp_path / "nudges").iterdir()) == []


async def test_who_has_died_is_forgotten(tmp_path: Path) -> None:
    dead = tmp_path / "1.nudge"
    bind = "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])"
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", bind, str(dead)], check=True)
    ear = Nudges(tmp_path)
    ear.nudge()
    ear.close()
    assert not dead.exists()


async def test_a_path_that_is_too_long_is_deaf(tmp_path: Path) -> None:
    ear = Nudges(tmp_path / ("x" * 120))
    ear.listen(lambda: None)
    ear.nudge()
    await nudged_by_another(tmp_path / ("x" * 120))
    ear.close()
