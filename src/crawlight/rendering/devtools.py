"""The Chrome DevTools Protocol over one connection: calls by id, events by session.

A local browser is spoken to over a pair of pipes, so that it has no port that a page could reach; a remote one over
a websocket. https://chromedevtools.github.io/devtools-protocol/
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
import structlog

from crawlight.rendering.wellformed import decoded

if TYPE_CHECKING:
    import aiohttp

log = structlog.get_logger(__name__)

Handler = Callable[[str, msgspec.Raw], None]
"""Gets the name and the parameters, still as JSON, of each event of a session."""

_NOTHING: Final = msgspec.Raw(b"{}")
_CLOSE_SECONDS: Final = 2.0
_MOST_MESSAGE_BYTES: Final = 256 * 1024 * 1024


class DevToolsError(Exception):
    """The browser refused a call."""


class ConnectionLostError(DevToolsError):
    """The browser is gone, or does not answer."""


class _Failure(msgspec.Struct):
    message: str = ""


class _Message(msgspec.Struct, rename="camel"):
    id: int = 0
    method: str = ""
    params: msgspec.Raw = _NOTHING
    result: msgspec.Raw = _NOTHING
    error: _Failure | None = None
    session_id: str = ""


_message = msgspec.json.Decoder(_Message)


class DevTools:
    """One connection to a browser. ``lost`` is done once it is gone; ``heard`` is when it last said anything.

    ``addresses`` are ours on the way to the browser, and the browser's where it is not on this machine.
    """

    def __init__(self) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.heard = time.monotonic()
        self.addresses = ("127.0.0.1", "")
        self._send: Callable[[bytes], object] = lambda _: None
        self._close: Callable[[], object] = lambda: None
        self._closing: asyncio.Future[None] | None = None
        self._last = 0
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._handlers: dict[str, Handler] = {}

    def attach(self, send: Callable[[bytes], object], close: Callable[[], object]) -> None:
        """Say how messages are sent, and how the connection is closed."""
        self._send, self._close = send, close

    def listen(self, session: str, handler: Handler | None) -> None:
        """Hand the events of a session (empty: the browser's own) to a handler; None ends that."""
        if handler is None:
            self._handlers.pop(session, None)
        else:
            self._handlers[session] = handler

    async def call(
        self, method: str, params: dict[str, Any] | None = None, session: str = ""
    ) -> dict[str, Any]:
        """Call a method and wait for its result. Raises DevToolsError where the browser refuses."""
        result: dict[str, Any] = decoded(await self.start(method, params, session))
        return result

    def start(
        self, method: str, params: dict[str, Any] | None = None, session: str = ""
    ) -> asyncio.Future[msgspec.Raw]:
        """Send a call at once; the future has its result as JSON."""
        future: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        if self.lost.done():
            future.set_exception(ConnectionLostError(self.lost.result()))
            _forget(future)
            return future
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self._waiting[self._last] = future
        future.add_done_callback(_forget)  # not every caller still waits when the answer comes
        self._send(msgspec.json.encode(message))
        return future

    def tell(self, method: str, params: dict[str, Any] | None = None, session: str = "") -> None:
        """Send a call whose answer matters to nobody."""
        self.start(method, params, session)

    def received(self, data: bytes | bytearray | memoryview) -> None:
        """Take one message from the browser."""
        self.heard = time.monotonic()
        message = decoded(bytes(data), _message)
        if not message.id:
            if handler := self._handlers.get(message.session_id):
                handler(message.method, message.params)
            return
        future = self._waiting.pop(message.id, None)
        if future is None or future.done():
            return
        if message.error:
            future.set_exception(DevToolsError(message.error.message))
        else:
            future.set_result(message.result)

    async def end(self) -> None:
        """Close the connection, and wait until that is done."""
        self.gone("the connection was closed")
        if self._closing is not None:
            await self._closing

    def gone(self, reason: str) -> None:
        """Fail all that waits: the browser will not answer any more."""
        if self.lost.done():
            return
        self.lost.set_result(reason)
        closing = self._close()
        self._closing = closing if isinstance(closing, asyncio.Future) else None
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(ConnectionLostError(reason))


def _forget(future: asyncio.Future[msgspec.Raw]) -> None:
    if not future.cancelled():
        future.exception()


class _PipeReader(asyncio.Protocol):
    """Messages that end with a zero byte."""

    def __init__(self, devtools: DevTools) -> None:
        self._devtools = devtools
        self._buffer = bytearray()

    def data_received(self, data: bytes) -> None:
        searched = len(self._buffer)
        self._buffer += data
        start = 0
        while (end := self._buffer.find(0, max(start, searched))) >= 0:
            self._devtools.received(bytes(memoryview(self._buffer)[start:end]))
            start = end + 1
        del self._buffer[:start]
        if len(self._buffer) > _MOST_MESSAGE_BYTES:
            self._devtools.gone("the browser sent a message without end")

    def connection_lost(self, exc: Exception | None) -> None:
        self._devtools.gone("the browser ended")


async def over_pipes(read_end: int, write_end: int) -> DevTools:
    """Speak over two pipes: read from the one what the browser writes, and the reverse."""
    devtools = DevTools()
    loop = asyncio.get_running_loop()
    reading, _ = await loop.connect_read_pipe(lambda: _PipeReader(devtools), os.fdopen(read_end, "rb", 0))
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(write_end, "wb", 0))

    def close() -> None:
        reading.close()
        if not writing.is_closing():
            writing.abort()

    devtools.attach(lambda message: writing.write(message + b"\0"), close)
    return devtools


async def over_websocket(url: str) -> DevTools:
    """Speak to the browser at a ``ws://``, ``wss://`` or ``http(s)://`` address. Raises DevToolsError where none is."""
    import aiohttp  # Loads slowly, and a local browser needs none of it.

    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10))
    try:
        if url.startswith("http"):
            async with session.get(
                f"{url.rstrip('/')}/json/version", timeout=aiohttp.ClientTimeout(total=10)
            ) as answer:
                url = (await answer.json(content_type=None))["webSocketDebuggerUrl"]
        socket = await session.ws_connect(url, max_msg_size=_MOST_MESSAGE_BYTES, compress=0)
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TimeoutError) as error:
        await session.close()
        raise DevToolsError(f"no browser answers at {_shown(url)}: {type(error).__name__}") from None
    devtools = DevTools()
    devtools.addresses = (socket.get_extra_info("sockname")[0], socket.get_extra_info("peername")[0])
    outgoing: asyncio.Queue[bytes] = asyncio.Queue()
    tasks = {asyncio.create_task(_read(socket, devtools)), asyncio.create_task(_write(socket, outgoing))}

    async def end() -> None:
        for task in tasks:
            task.cancel()
        with suppress(TimeoutError, aiohttp.ClientError):
            await asyncio.wait_for(socket.close(), _CLOSE_SECONDS)
        await session.close()

    def close() -> asyncio.Future[None]:
        return asyncio.ensure_future(end())

    devtools.attach(outgoing.put_nowait, close)
    return devtools


def _shown(url: str) -> str:
    """Scheme, host and port: the rest may be a secret, and so may the text of an error that cites it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


async def _read(socket: "aiohttp.ClientWebSocketResponse", devtools: DevTools) -> None:
    import aiohttp

    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            devtools.received(message.data.encode())
    devtools.gone("the remote browser closed the connection")


async def _write(socket: "aiohttp.ClientWebSocketResponse", outgoing: asyncio.Queue[bytes]) -> None:
    while True:
        await socket.send_str((await outgoing.get()).decode())
