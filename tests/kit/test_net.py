"""The address filter and the HTTP client, over real sockets."""

import ipaddress
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from crawlight.kit.addresses import is_allowed, is_public, parse_networks
from crawlight.kit.net import FetchError, fetch

pytestmark = pytest.mark.anyio
LOOPBACK = parse_networks(["127.0.0.0/8"])
PRIVATE = """127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.100.100.200 100.64.0.1
    192.0.0.192 168.63.129.16 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 192.0.2.1 203.0.113.9
    ::1 :: fe80::1 fd00:ec2::254 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    2002:7f00:1:: 2002:a00:1:: 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe ::127.0.0.1 2001:db8::1 64:ff9b:1::a00:1
    2001:0:0:0:0:0:80ff:fffe fec0::1 64:ff9b:1:a9fe:a9:fe00:808:808"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_an_allowed_network_is_allowed_however_it_is_written() -> None:
    networks = parse_networks(["10.0.0.0/8", "fd00::/8"])
    for address in ("10.1.1.1", "::ffff:10.1.1.1", "fd00::1"):
        assert is_allowed(ipaddress.ip_address(address), networks)
    for address in ("127.0.0.1", "192.168.0.1", "::1"):
        assert not is_allowed(ipaddress.ip_address(address), networks)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site on loopback."""

    async def ok(request: web.Request) -> web.Response:
        return web.Response(text="hello " + request.headers["User-Agent"], headers={"X-One": "1"})

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    async def round_(_: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    async def large(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 100_000)

    app = web.Application()
    app.router.add_get("/", ok)
    app.router.add_get("/away", away)
    app.router.add_get("/large", large)
    app.router.add_get("/round", round_)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_document_is_fetched(site: str) -> None:
    answer = await fetch(f"{site}/", allowed=LOOPBACK, headers={"User-Agent": "me"})
    assert (answer.status, answer.body, answer.headers["x-one"]) == (200, b"hello me", "1")
    assert answer.url == f"{site}/"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"])
async def test_a_private_address_is_refused_however_it_is_written(site: str, host: str) -> None:
    with pytest.raises(FetchError) as refused:
        await fetch(site.replace("127.0.0.1", host))
    assert refused.value.blocked
    assert "no public address" in str(refused.value)


async def test_a_redirect_is_followed_and_checked(site: str) -> None:
    assert (await fetch(f"{site}/away?to=/", allowed=LOOPBACK)).url == f"{site}/"
    with pytest.raises(FetchError, match="no public address") as refused:
        await fetch(f"{site}/away?to=http://169.254.169.254/", allowed=LOOPBACK)
    assert refused.value.blocked
    with pytest.raises(FetchError, match="not an http"):
        await fetch(f"{site}/away?to=file:///etc/passwd", allowed=LOOPBACK)


async def test_who_cannot_be_reached_is_named_with_the_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Nobody listens there, and nobody else can.
        port = taken.getsockname()[1]
        with pytest.raises(FetchError) as refused:
            await fetch(f"http://127.0.0.1:{port}/", allowed=LOOPBACK)
    assert str(refused.value) == f"cannot connect to 127.0.0.1, port {port}: Connection refused"


async def test_redirects_end(site: str) -> None:
    with pytest.raises(FetchError, match="more than 5 redirects"):
        await fetch(f"{site}/round", allowed=LOOPBACK)
    answer = await fetch(f"{site}/away?to=/there", allowed=LOOPBACK, redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "/there")


async def test_a_body_is_bounded(site: str) -> None:
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        await fetch(f"{site}/large", allowed=LOOPBACK, most_bytes=1000)


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "javascript:1", "/", "", "http://"]
)
async def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(FetchError):
        await fetch(url)
