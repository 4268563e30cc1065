"""Bounds on connections, over real sockets: what says nothing, dribbles or never reads must go, and soon."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from crawlight.kit.connections import Limits, close_surplus, limits_of
from crawlight.kit.patient import Connections, Patience

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Everybody(Limits, frozen=True):
    """Counts this machine's addresses as those of strangers."""

    def group(self, address: str) -> str:
        return address


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers ``/`` at once, ``/large`` with more than any buffer takes, ``/wait`` once the body is there."""
    if scope["path"] == "/wait":
        while (await receive()).get("more_body"):
            pass
    body = bytes(64_000_000 if scope["path"] == "/large" else 2)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    for start in range(0, len(body), 1_000_000):
        await send({"type": "http.response.body", "body": body[start : start + 1_000_000], "more_body": True})
    await send({"type": "http.response.body"})


@asynccontextmanager
async def server(limits: Limits, patience: Patience) -> AsyncIterator[int]:
    """A server on loopback; gives its port."""
    connections = Connections(limits, patience)
    config = uvicorn.Config(app, http=connections.protocol(), lifespan="off", log_config=None, ws="none")
    running = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(running._serve([bound]))
        yield bound.getsockname()[1]
        running.should_exit = True
        await task
        # Whoever is counted in is counted out, whichever way they went.
        assert (connections._count, dict(connections._held), connections._waiting) == (0, {}, {})


async def closed(ends: Ends) -> bytes:
    """What comes until the other end closes."""
    try:
        return await asyncio.wait_for(ends[0].read(), 30)
    except ConnectionResetError:
        return b""
    finally:
        ends[1].close()


async def connect(port: int, said: bytes = b"", source: str = "127.0.0.1") -> Ends:
    ends = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    ends[1].write(said)
    return ends


async def answered(ends: Ends) -> bool:
    return (await asyncio.wait_for(ends[0].readline(), 30)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: ",
        b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["silent", "half a head", "half a body", "reads nothing"],
)
async def test_a_connection_that_stops_is_closed(said: bytes) -> None:
    async with server(Limits(100, 100), Patience(0.2, 0.2, 0.2)) as port:
        reader, writer = await connect(port, said)
        if b"large" in said:
            transport = cast(asyncio.Transport, writer.transport)
            transport.pause_reading()
            await asyncio.sleep(0.5)  # nothing tells a client that its unread connection was reset
            transport.resume_reading()
        assert len(await closed((reader, writer))) < 64_000_000


async def test_dribbling_is_no_way_to_stay() -> None:
    async def dribble(writer: asyncio.StreamWriter) -> None:
        while not writer.transport.is_closing():
            writer.write(b"a")
            await asyncio.sleep(0.05)

    async with server(Limits(100, 100), Patience(0.3, 60, 60)) as port:
        for first in (b"", GET):
            ends = await connect(port, first + b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
            task = asyncio.create_task(dribble(ends[1]))
            assert (b"200" in await closed(ends)) == bool(first)
            await task


async def test_who_waits_for_an_answer_or_goes_on_asking_stays() -> None:
    async with server(Limits(100, 100), Patience(0.5, 60, 60)) as port:
        ends = await connect(port)
        for _ in range(8):
            ends[1].write(GET)
            assert await answered(ends)
            await asyncio.wait_for(ends[0].readuntil(b"\x00\x00"), 30)
            await asyncio.sleep(0.1)
        ends[1].close()


async def test_idle_connections_make_room_for_new_ones() -> None:
    async with server(Everybody(10, 10), Patience()) as port:
        busy = await connect(port, b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        idle = [await connect(port) for _ in range(30)]
        last = await connect(port, GET)
        assert await answered(last)
        assert [await closed(one) for one in idle[:21]] == [b""] * 21
        busy[1].write(b"x")
        assert await answered(busy)
        for one in (*idle[21:], last, busy):
            one[1].close()


async def test_an_address_has_its_share_and_no_more() -> None:
    async with server(Everybody(100, 3), Patience()) as port:
        other = await connect(port, source="127.0.0.2")
        greedy = [await connect(port) for _ in range(6)]
        assert [await closed(one) for one in greedy[:3]] == [b""] * 3
        other[1].write(GET)
        greedy[3][1].write(GET)
        assert await answered(other)
        assert await answered(greedy[3])
        for one in (*greedy[3:], other):
            one[1].close()


@pytest.mark.parametrize("names", ["Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5"])
async def test_a_request_with_two_lengths_is_the_last_of_its_connection(names: str) -> None:
    two = "chunked" in names
    async with server(Limits(100, 100), Patience(0.5, 60, 60)) as port:
        body = b"0\r\n\r\n"
        ends = await connect(port, f"POST /wait HTTP/1.1\r\nHost: x\r\n{names}\r\n\r\n".encode() + body + GET)
        told = await closed(ends)
    assert told.count(b"HTTP/1.1 200") == (1 if two else 2)
    assert (b"connection: close" in told.lower()) == two


def test_one_address_is_one_customer() -> None:
    limits = Limits(10, 10, (ipaddress.ip_network("10.0.0.0/8"),))
    assert limits.group("203.0.113.7") == limits.group("::ffff:203.0.113.7") == "203.0.113.7"
    assert limits.group("2001:db8::1") == limits.group("2001:db8::ffff:2") == "2001:db8::/64"
    assert limits.group("2001:db8:0:1::1") != limits.group("2001:db8::1")
    assert {limits.group(one) for one in ("127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3", "")} == {""}


def test_limits_keep_to_the_descriptors_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlight.kit.connections.resource.getrlimit", lambda _: (1024, 1024))
    limits = limits_of(10_000, 1_000, "192.0.2.0/24, 2001:db8::/32,")
    assert (limits.most, limits.per_address) == (768, 768)
    assert limits.group("192.0.2.9") == limits.group("2001:db8:1::9") == ""


def test_a_server_that_counts_nothing_is_counted_for() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as bound:
        port = bound.getsockname()[1]
        taken: list[socket.socket] = []
        accepting = threading.Thread(target=lambda: taken.extend(bound.accept()[0] for _ in range(12)))
        accepting.start()
        clients = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(12)]
        accepting.join()
        clients[0].sendall(b"GET / HTTP/1.1\r\n")
        taken[[one.getpeername() for one in taken].index(clients[0].getsockname())].recv(100, socket.MSG_PEEK)
        assert close_surplus(port, Everybody(100, 100_000)) == 0
        assert close_surplus(port + 1, Everybody(100, 5)) == 0
        assert close_surplus(port, Limits(100, 5)) == 0  # from this machine
        descriptors = sorted(Path("/proc/self/fd").iterdir())
        assert close_surplus(port, Everybody(100, 5)) == 7
        assert sorted(Path("/proc/self/fd").iterdir()) == descriptors
        gone = 0
        for client in clients:
            client.settimeout(0.2)
            with suppress(TimeoutError):
                gone += client.recv(1) == b""
        assert gone == 7
        clients[0].sendall(b"\r\n")
        for one in (*clients, *taken):
            one.close()
