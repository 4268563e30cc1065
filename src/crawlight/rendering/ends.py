"""The two ends of a connection through a proxy, each of which hands what it gets to the other."""

import asyncio
import contextlib
from typing import Final, Protocol, cast

_HIGH_WATER: Final = 256 * 1024


class Way(Protocol):
    """What connections belong to: knows all their ends, and counts what comes in."""

    ends: "set[End]"

    def count(self, received: int) -> None:
        """Count what came in."""


class End(asyncio.Protocol):
    """One end of a connection through the proxy: hands what it gets to the other end, no faster than that takes it."""

    def __init__(self, way: Way, *, counts: bool) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: End | None = None
        self.ended = False
        self._way = way
        self._counts = counts

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own.
        self.transport.set_write_buffer_limits(high=_HIGH_WATER)
        self._way.ends.add(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        if self._counts:
            self._way.count(len(data))
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """Hand the end on; once both have said all, the connection is over, and nobody else would close it."""
        self.ended = True
        if self.other is None or self.other.transport is None or self.other.ended:
            return False
        if not (self.transport and self.transport.can_write_eof() and self.other.transport.can_write_eof()):
            self.other.transport.close()  # TLS knows no half of a connection
            return False
        if not self.other.transport.is_closing():
            with contextlib.suppress(OSError):
                self.other.transport.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end."""
        self._way.ends.discard(self)
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    # A protocol is told when the buffer of its own transport is full, which the other end fills.
    def pause_writing(self) -> None:
        """Let the other end read no more."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the other end read on."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()

    def abort(self) -> None:
        """Drop the connection."""
        if self.transport is not None:
            self.transport.abort()
