"""A listener for access logs that servers send as syslog messages, over UDP and TCP, into files to be imported.

The messages are kept as they come: what is put around a line is cut off where logs are read.
"""

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from crawlight.errors import UserError

MOST_BYTES: Final = 64 * 1024
"""Of one message; longer ones are cut."""

LEAST_SECONDS: Final = 2.0
"""How long messages are gathered in one file."""

_BUFFER: Final = 8 * 1024 * 1024
"""Bytes that the system keeps of datagrams while nobody reads them."""

_COUNTED = re.compile(rb"(\d{1,7}) (?=<)")


class Received:
    """The files into which messages go: one at a time, and another one once that is complete."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises UserError where the folder cannot be used."""
        self.folder = folder
        self._clock = clock
        self._file: int | None = None
        self._path = folder
        self._since = 0.0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot use {folder}: {error.strerror}") from None

    def write(self, message: bytes) -> None:
        """Append a message as a line."""
        line = message[:MOST_BYTES].rstrip(b"\r\n\0 ").replace(b"\n", b" ")
        if not line:
            return
        if self._file is None:
            self._path = self.folder / f"{time.time_ns():020d}.log"
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._since = self._clock()
        os.write(self._file, line + b"\n")

    def complete(self, *, ended: bool = False) -> list[Path]:
        """The files that get no more messages, oldest first.

        One is open for at least `LEAST_SECONDS`, unless the listener has ended: files are known by how they begin,
        and so none can begin with the very lines of the one before.
        """
        if self._file is not None and (ended or self._clock() - self._since >= LEAST_SECONDS):
            os.close(self._file)
            self._file = None
        files = sorted(self.folder.glob("*.log"))
        return [file for file in files if self._file is None or file != self._path]


@asynccontextmanager
async def listening(address: str, received: Received) -> AsyncIterator[None]:
    """Take messages at ``HOST:PORT`` over UDP and TCP while the block runs. Raises UserError where that cannot be."""
    host, port = parse(address)
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(received), (host, port))
    except OSError as error:
        raise UserError(f"cannot listen at {address}: {error.strerror or error}") from None
    try:
        _widen(transport)
        try:
            server = await asyncio.start_server(_stream(received), host, port, limit=MOST_BYTES)
        except OSError as error:
            raise UserError(f"cannot listen at {address}: {error.strerror or error}") from None
        async with server:
            yield
    finally:
        transport.close()


def parse(address: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:5514``, ``[::1]:5514`` or ``5514``, which is on loopback.

    Raises UserError for anything else, and where the address can be reached from other machines: syslog does not
    say who sends.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    host = "127.0.0.1" if host == "localhost" else host
    try:
        loopback, number = ip_address(host).is_loopback, int(port)
    except ValueError:
        raise UserError(f"{address!r} is no address to listen at, such as 127.0.0.1:5514") from None
    if not loopback:
        raise UserError(
            f"{host} can be reached from other machines, and syslog does not say who sends: listen on loopback"
        )
    if not 0 < number < 65536:
        raise UserError(f"{number} is no port")
    return host, number


class _Datagrams(asyncio.DatagramProtocol):
    """A message in each datagram."""

    def __init__(self, received: Received) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._received.write(data)


def _stream(received: Received) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while message := await _message(reader):
                received.write(message)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # It went, or sends what is no syslog.
        finally:
            writer.close()

    return serve


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next message of a connection: ended by a line feed, or with its length before it (RFC 6587)."""
    line = await reader.readline()
    counted = _COUNTED.match(line)
    if counted is None:
        return line
    missing = int(counted[1]) - (len(line) - counted.end())
    return line[counted.end() :] + (await reader.readexactly(missing) if missing > 0 else b"")


def _widen(transport: asyncio.DatagramTransport) -> None:
    """Let the system keep more datagrams, as far as it allows."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
