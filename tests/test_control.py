"""The control socket: whose it has to be."""

import asyncio
import os
from pathlib import Path

import pytest

from crawlight.control import ControlServer, ask, socket_path
from crawlight.errors import UserError


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory whose path is too long for a socket, which then lies where everybody may write."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    assert socket_path(folder).parent == tmp_path
    return folder


async def _freeze() -> bytes:
    return b"/home/somebody"


async def _ask(folder: Path) -> bytes | None:
    server = ControlServer(folder, {"freeze": _freeze})
    await server.start()
    try:
        return await ask(folder, "freeze")
    finally:
        await server.stop()


def test_a_server_answers_where_its_path_is_long(far: Path) -> None:
    assert asyncio.run(_ask(far)) == b"/home/somebody"


def test_the_socket_of_somebody_else_is_not_asked(far: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked() -> None:
        server = ControlServer(far, {"freeze": _freeze})
        await server.start()
        try:
            # A double of another person: a test may not run as two.
            monkeypatch.setattr("crawlight.control._is_trusted", lambda uid, _: uid != os.geteuid())
            await ask(far, "freeze")
        finally:
            monkeypatch.undo()
            await server.stop()

    with pytest.raises(UserError, match="no socket of this server"):
        asyncio.run(asked())


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_what_is_no_socket_is_told_and_left(far: Path, make: object) -> None:
    make(socket_path(far))  # type: ignore[operator]
    with pytest.raises(UserError, match="no socket of this server"):
        asyncio.run(_ask(far))
    assert socket_path(far).exists()
