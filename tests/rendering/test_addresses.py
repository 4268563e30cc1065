"""A page reaches public addresses only, and what its domain is allowed, whichever way it tries."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import psutil
import pytest
from aiohttp import web

from crawlight.rendering import proxy
from crawlight.rendering.renderer import Renderer, RenderError
from tests.rendering.conftest import Render, request_for
from tests.rendering.site import CONTENT, Site, serving

pytestmark = pytest.mark.anyio

ELSEWHERE = ("127.1.0.0/16",)
"""Loopback, but not where the private site of these tests is."""


@pytest.fixture
async def private(anyio_backend: str) -> AsyncIterator[Site]:
    """A site that no page of the others may reach."""
    async with serving() as opened:
        opened.page("/", "secret")
        yield opened


@pytest.fixture
async def public(anyio_backend: str) -> AsyncIterator[Site]:
    """A site on an address that its domain may reach."""
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.1.1.1", 0).start()
    site.url = f"http://127.1.1.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


WAYS = {
    "image": "new Image().src = '{url}'",
    "fetch": "fetch('{url}', {{mode: 'no-cors'}})",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {{src: '{url}'}}))",
    "script": "document.body.append(Object.assign(document.createElement('script'), {{src: '{url}'}}))",
    "beacon": "navigator.sendBeacon('{url}', 'x')",
    "websocket": "new WebSocket('{url}'.replace('http', 'ws'))",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('{url}', {{mode: 'no-cors'}})`])))",
    "redirect": "fetch('/away?to={url}', {{mode: 'no-cors'}})",
    "prefetch": "document.head.insertAdjacentHTML('beforeend', '<link rel=prefetch href={url}>')",
    "form": "document.body.insertAdjacentHTML('beforeend', '<form action={url} target=_blank></form>'),"
    " document.forms[0].submit()",
}


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "some.localhost", "2130706433"]
)
async def test_a_private_page_is_refused(render: Render, private: Site, name: str) -> None:
    with pytest.raises(RenderError) as refused:
        await render(private.url.replace("127.0.0.1", name), allowed_networks=())
    assert refused.value.reason in ("blocked_address", "unreachable")
    assert private.asked == []


@pytest.mark.parametrize("way", WAYS)
async def test_no_request_of_a_page_gets_to_a_private_address(
    render: Render, public: Site, private: Site, way: str
) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    public.pages["/away"] = away
    script = WAYS[way].format(url=private.url + "/secret")
    page = await render(
        public.page("/", f"{CONTENT}<script>{script}</script>"), allowed_networks=ELSEWHERE, domain_id=5
    )
    assert page.status == 200
    assert private.asked == []


async def test_neither_a_redirect_nor_a_script_leads_there(
    render: Render, public: Site, private: Site
) -> None:
    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound(private.url + "/secret")

    public.pages["/away"] = away
    for path in ("/away", "/script"):
        public.page("/script", f"<script>location = '{private.url}/secret'</script>")
        page = await render(public.url + path, allowed_networks=ELSEWHERE, domain_id=5)
        assert page.location == private.url + "/secret"
    assert private.asked == []


async def test_a_name_that_changes_its_address_gains_nothing(
    public: Site, private: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is allowed, those that follow are not. The resolver is what must be made up."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, **options: object) -> object:
        if host != "rebinding.test":
            return real(host, port, **options)  # type: ignore[arg-type]
        asked.append(host)
        first = len(asked) == 1
        return real("127.1.1.1" if first else "127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(proxy.socket, "getaddrinfo", rebinding)
    port = public.url.rpartition(":")[2]
    other = private.url.rpartition(":")[2]
    script = (
        f"fetch('http://rebinding.test:{other}/secret', {{mode: 'no-cors'}})"
        ".finally(() => { document.title = 'tried' })"
    )
    public.page("/", f"{CONTENT}<script>{script}</script>")
    renderer = Renderer()
    page = await renderer.render(request_for(f"http://rebinding.test:{port}/", allowed_networks=ELSEWHERE))
    await renderer.close()
    assert page.status == 200
    assert b"<title>tried</title>" in page.html
    assert len(asked) >= 2
    assert private.asked == []


async def test_webrtc_sends_nothing_past_the_proxy(render: Render, public: Site) -> None:
    """It speaks UDP, which no proxy of ours carries, and TCP to its relays."""
    heard: list[object] = []
    loop = asyncio.get_running_loop()

    class Heard(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            heard.append(addr)

    udp, _ = await loop.create_datagram_endpoint(Heard, ("127.0.0.1", 0))
    tcp = await asyncio.start_server(lambda _reader, writer: heard.append(writer), "127.0.0.1", 0)
    stun, turn = udp.get_extra_info("sockname")[1], tcp.sockets[0].getsockname()[1]
    script = (
        f"const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{stun}'}}, {{username: 'u',"
        f" credential: 'c', urls: 'turn:127.0.0.1:{turn}?transport=tcp'}}]}}); window.prerenderReady = false;"
        "peer.onicegatheringstatechange = () => { if (peer.iceGatheringState === 'complete') {"
        " document.title = 'gathered'; window.prerenderReady = true } };"
        "peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer))"
    )
    page = await render(
        public.page("/", f"{CONTENT}<script>{script}</script>"), allowed_networks=ELSEWHERE, domain_id=5
    )
    udp.close()
    tcp.close()
    assert b"<title>gathered</title>" in page.html
    assert heard == []


async def test_metadata_is_refused_before_a_packet(render: Render) -> None:
    for address in ("169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "168.63.129.16"):
        with pytest.raises(RenderError) as refused:
            await render(f"http://{address}/latest/meta-data/", allowed_networks=())
        assert refused.value.reason == "blocked_address"


async def test_the_browser_has_no_port_of_its_own(renderer: Renderer) -> None:
    await renderer.version()
    browser = renderer.supervisor.current
    assert browser is not None
    assert browser.process is not None
    leader = psutil.Process(browser.process.pid)
    for process in [leader, *leader.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # tabs come and go
            assert [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN] == []


WORDS = {
    "HTTP": b"GET http://example.com/ HTTP/1.1\r\n\r\n",
    "SOCKS 4": b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00",
    "bind": b"\x05\x01\x00\x05\x02\x00\x01" + bytes(10),
    "unknown kind": b"\x05\x01\x00\x05\x01\x00\x09" + bytes(10),
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
async def test_a_proxy_knows_no_other_words(words: bytes) -> None:
    opened = await proxy.Proxy.open()
    host, port = opened.url.removeprefix("socks5://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(words)
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            assert await reader.read() in (b"", b"\x05\x00")
    writer.close()
    await opened.close()


async def test_a_proxy_is_for_its_browser_only() -> None:
    opened = await proxy.Proxy.open(peer="127.9.9.9")
    host, port = opened.url.removeprefix("socks5://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(20):
        writer.write(b"\x05\x01\x00")
        with pytest.raises((ConnectionError, AssertionError)):
            assert await reader.read(100)
    writer.close()
    await opened.close()
