"""The listener takes messages as servers send them, and gives files that a crash leaves whole."""

import asyncio
import socket
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.ingest.syslog import LEAST_SECONDS, MOST_BYTES, Received, listening, parse
from tests.servers import free_port

pytestmark = pytest.mark.anyio


def lines(files: list[Path]) -> list[bytes]:
    return [line for file in files for line in file.read_bytes().splitlines()]


async def until(received: Received, count: int) -> list[bytes]:
    """Wait until so many lines have come."""
    async with asyncio.timeout(30):
        while len(found := lines(sorted(received.folder.glob("*.log")))) < count:
            await asyncio.sleep(0.01)
    return found


async def test_messages_over_udp_and_tcp(tmp_path: Path) -> None:
    received, port = Received(tmp_path / "syslog"), free_port()
    async with listening(f"127.0.0.1:{port}", received):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", port))
            for datagram in (b"<190>one", b"<190>two\n", b"", b"\n", b"<190>in\nlines"):
                client.send(datagram)
        assert await until(received, 3) == [b"<190>one", b"<190>two", b"<190>in lines"]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"<190>by line\n" + b"13 <190>counted\n" + b"15 <190>with\nfeed!" + b"<190>end\n")
        await writer.drain()
        writer.close()
        found = await until(received, 7)
    assert found[3:] == [b"<190>by line", b"<190>counted", b"<190>with feed!", b"<190>end"]


def test_files_are_complete_after_a_while_and_in_order(tmp_path: Path) -> None:
    now = [0.0]
    received = Received(tmp_path / "syslog", lambda: now[0])
    received.write(b"a")
    assert received.complete() == []
    now[0] = LEAST_SECONDS
    (first,) = received.complete()
    received.write(b"b" * (MOST_BYTES + 1))
    assert received.complete() == [first]
    assert lines(received.complete(ended=True)) == [b"a", b"b" * MOST_BYTES]
    assert len(Received(tmp_path / "syslog").complete()) == 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("5514x", "no address"),
        ("0.0.0.0:5514", "other machines"),
        ("127.0.0.1:70000", "no port"),
        ("", "no address"),
    ],
)
def test_what_is_no_address_on_loopback_is_refused(address: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse(address)


def test_short_forms_of_addresses() -> None:
    assert [parse(one) for one in ("5514", "localhost:5514", "[::1]:5514")] == [
        ("127.0.0.1", 5514),
        ("127.0.0.1", 5514),
        ("::1", 5514),
    ]


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    received, port = Received(tmp_path / "syslog"), free_port()
    async with listening(f"127.0.0.1:{port}", received):
        with pytest.raises(UserError, match=f"cannot listen at 127.0.0.1:{port}: "):
            async with listening(f"127.0.0.1:{port}", received):
                pass
