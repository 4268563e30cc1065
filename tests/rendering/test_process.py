"""Browsers as processes: what is started is ended, whatever becomes of those who wanted it."""

import asyncio
import tempfile
from pathlib import Path

import psutil
import pytest

from crawlight.rendering.process import PREFIX, BrowserProcess

pytestmark = pytest.mark.anyio


async def test_a_start_that_is_given_up_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mute, started = tmp_path / "mute", tmp_path / "started"
    mute.write_text(f"#!/bin/sh\necho $$ > {started}.new && mv {started}.new {started}\nexec sleep 600\n")
    mute.chmod(0o700)
    starting = asyncio.create_task(BrowserProcess.start(mute))
    async with asyncio.timeout(30):
        while not started.exists():
            await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not psutil.pid_exists(int(started.read_text()))
    assert list(tmp_path.glob(f"{PREFIX}*")) == []
