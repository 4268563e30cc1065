"""uvicorn's HTTP/1.1 with bounds: on the time that a connection may take, and on how many there are."""

import asyncio
from collections import defaultdict
from typing import Any, ClassVar, Literal

import msgspec
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

from crawlight.kit.connections import Limits

Waits = Literal["head", "body", "answer"]
"""What a connection waits for: a request's head, the rest of its body, or our answer."""


class Patience(msgspec.Struct, frozen=True):
    """Seconds until a connection is closed that brings no whole head or body, or takes nothing of an answer."""

    head: float = 10.0
    body: float = 60.0
    reading: float = 60.0


class Connections:
    """The connections of a server. Where there are too many, those that ask for nothing make room."""

    def __init__(self, limits: Limits, patience: Patience = Patience()) -> None:  # noqa: B008 - it is frozen
        self.limits = limits
        self.patience = patience
        self._held: dict[str, set[BoundedProtocol]] = defaultdict(set)
        self._count = 0
        # Both in the order in which they began to wait.
        self._waiting: dict[BoundedProtocol, None] = {}
        self._waiting_of: dict[str, dict[BoundedProtocol, None]] = defaultdict(dict)

    def protocol(self) -> type[H11Protocol]:
        """The protocol for uvicorn's ``http``."""
        return type("Bounded", (BoundedProtocol,), {"all": self})

    def add(self, one: "BoundedProtocol") -> None:
        """Count a connection in, and close one that waits for a head where that makes one too many."""
        self._count += 1
        self._held[one.group].add(one)
        self.wait(one)
        if one.group and len(self._held[one.group]) > self.limits.per_address:
            self._close_first(self._waiting_of[one.group])
        elif self._count > self.limits.most:
            self._close_first(self._waiting)

    def remove(self, one: "BoundedProtocol") -> None:
        """Count a connection out; once."""
        self.busy(one)
        held = self._held[one.group]
        if one in held:
            held.remove(one)
            self._count -= 1
        if not held:
            del self._held[one.group]

    def wait(self, one: "BoundedProtocol") -> None:
        """Note that a connection asks for nothing."""
        self._waiting[one] = self._waiting_of[one.group][one] = None

    def busy(self, one: "BoundedProtocol") -> None:
        """Note that a connection has asked for something."""
        self._waiting.pop(one, None)
        waiting = self._waiting_of[one.group]
        waiting.pop(one, None)
        if not waiting:
            del self._waiting_of[one.group]

    def _close_first(self, waiting: "dict[BoundedProtocol, None]") -> None:
        one = next(iter(waiting))  # At least the newest waits.
        self.remove(one)
        one.transport.abort()


class BoundedProtocol(H11Protocol):
    """One connection."""

    all: ClassVar[Connections]

    group = ""
    _state: tuple[Waits, Any] | None = None
    _timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.group = self.all.limits.group(self.client[0]) if self.client else ""
        self.all.add(self)
        self._note()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self.all.remove(self)
        for timer in (self._timer, self._reading_timer):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._note()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._note()

    def pause_writing(self) -> None:
        """Give whoever takes nothing of an answer some time."""
        super().pause_writing()
        self._reading_timer = self.loop.call_later(self.all.patience.reading, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        if self._reading_timer is not None:
            self._reading_timer.cancel()

    def _waits(self) -> Waits:
        if self.cycle is None or self.cycle.response_complete:
            return "head"
        return "body" if self.cycle.more_body else "answer"

    def _note(self) -> None:
        """Begin to measure anew where the connection has got on."""
        if self.transport.is_closing():
            return
        state = (self._waits(), self.cycle)
        if state == self._state:
            return
        self._state = state
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if state[0] == "head":
            self.all.wait(self)
        else:
            self.all.busy(self)
            self._close_after_two_lengths()
        if state[0] != "answer":
            seconds = self.all.patience.head if state[0] == "head" else self.all.patience.body
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _close_after_two_lengths(self) -> None:
        """Close after a request with two lengths: a proxy may have seen another end of it (RFC 9112, 6.1)."""
        names = {name for name, _ in self.headers}
        if {b"content-length", b"transfer-encoding"} <= names and CLOSE_HEADER not in self.headers:
            self.headers.append(CLOSE_HEADER)  # uvicorn does what the request says.
