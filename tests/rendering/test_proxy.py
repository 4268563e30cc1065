"""The browser's way to the network ends every connection that is over, and listens no longer than its tab lives."""

import asyncio
import socket

import psutil
import pytest

from crawlight.kit.addresses import parse_networks
from crawlight.rendering.proxy import Proxy, _Client
from crawlight.rendering.renderer import Renderer
from crawlight.rendering.tab import Tab

pytestmark = pytest.mark.anyio

LOOPBACK = parse_networks(["127.0.0.0/8"])


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait for the end of what is said, say it back, and end too."""
    writer.write(await reader.read())
    writer.close()


async def test_a_connection_that_both_sides_have_ended_is_over() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = await Proxy.open(LOOPBACK)
    host, _, own = proxy.url.removeprefix("socks5://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(own))
    writer.write(b"\x05\x01\x00" + b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2))
    async with asyncio.timeout(20):
        await reader.readexactly(2 + 10)
        writer.write(b"a page, please")
        writer.write_eof()
        assert await reader.read() == b"a page, please"
        while proxy.ends:
            await asyncio.sleep(0.01)
    writer.close()
    server.close()
    await proxy.close()


async def test_a_client_that_was_accepted_while_the_proxy_closed_is_dropped() -> None:
    proxy = await Proxy.open()
    await proxy.close()
    with socket.create_server(("127.0.0.1", 0)) as late:
        caller = socket.create_connection(late.getsockname())
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: _Client(proxy), late.accept()[0])
    async with asyncio.timeout(20):
        while proxy.ends:
            await asyncio.sleep(0.01)
    caller.close()


async def test_a_tab_that_does_not_open_leaves_no_listener(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ConnectionError

    def listening() -> set[object]:
        found = psutil.Process().net_connections("tcp")
        return {one.laddr for one in found if one.status == psutil.CONN_LISTEN}

    browser = await renderer.supervisor.browser()
    before = listening()
    monkeypatch.setattr(Tab, "_prepare", fail)
    with pytest.raises(ConnectionError):
        await Tab.open(browser.devtools, (), "en", "an agent")
    assert listening() == before
