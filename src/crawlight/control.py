"""The Unix socket of a running server: what a command needs from the process that owns the events store.

One request per connection: a line of JSON, ``{"operation": name, "arguments": {...}}``. The answer is a line
of JSON, ``{"error": message or null}``, and behind it the operation's result as raw bytes until the end.
"""

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from crawlight.errors import UserError
from crawlight.kit import listening
from crawlight.kit.logs import logger

_LONGEST: Final = 1024 * 1024
"""Bytes of a request: a small log fits in."""

Operation = Callable[..., Awaitable[bytes]]


class Request(msgspec.Struct, frozen=True):
    """What a command asks for."""

    operation: str
    arguments: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True):
    """The first line of the answer; ``error`` is a sentence for the person at the command line."""

    error: str | None = None


def socket_path(data_dir: Path) -> Path:
    """Where the server of a data directory listens."""
    return listening.socket_path(data_dir, "control")


class ControlServer:
    """Listens for commands while the server runs. Only the owner of the data directory may connect."""

    def __init__(self, data_dir: Path, operations: Mapping[str, Operation]) -> None:
        self._data_dir = data_dir
        self._path = socket_path(data_dir)
        self._operations = {"ping": _ping, **operations}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. A socket that a dead server left behind is replaced; a living server's is a UserError."""
        if await ask(self._data_dir, "ping") is not None:
            raise UserError(f"a server already runs on {self._data_dir}")
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=_LONGEST)
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer, result = await self._answer(await reader.readline())
            writer.write(msgspec.json.encode(answer) + b"\n" + result)
            await writer.drain()
        except (ConnectionError, ValueError):
            logger(__name__).warning("control_connection_lost")
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> tuple[Answer, bytes]:
        try:
            request = msgspec.json.decode(line, type=Request)
            return Answer(), await self._operations[request.operation](**request.arguments)
        except UserError as error:
            return Answer(error.at_terminal()), b""
        except Exception as error:
            logger(__name__).exception("control_operation_failed")
            return Answer(f"the server could not do it: {type(error).__name__}; its log says why"), b""


async def _ping() -> bytes:
    return b""


def _check_owner(data_dir: Path) -> None:
    """Raise UserError where the socket is neither ours nor the data directory's: in /tmp, anybody may put one.

    Answers name folders that are read and removed, so they are taken from nobody else.
    """
    path = socket_path(data_dir)
    found = path.lstat()
    if not _is_trusted(found.st_uid, data_dir) or not stat.S_ISSOCK(found.st_mode):
        raise UserError(
            f"{path} is no socket of this server; remove it, or use a data directory with a shorter path"
        )


def _is_trusted(uid: int, data_dir: Path) -> bool:
    return uid in (0, os.geteuid()) or (data_dir.exists() and uid == data_dir.stat().st_uid)


async def ask(data_dir: Path, operation: str, **arguments: Any) -> bytes | None:
    """Ask the running server; None where none runs. Raises UserError with what the server refuses."""
    try:
        _check_owner(data_dir)
        reader, writer = await asyncio.open_unix_connection(socket_path(data_dir))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    try:
        writer.write(msgspec.json.encode(Request(operation, arguments)) + b"\n")
        answer = msgspec.json.decode(
            await reader.readline() or b'{"error": "the server hung up"}', type=Answer
        )
        if answer.error is not None:
            raise UserError(answer.error)
        return await reader.read()
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
