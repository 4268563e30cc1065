"""A site with an origin of its own is at its public name for its pages, its app and its certificate."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from crawlight.kit import origin as origins
from crawlight.kit.addresses import parse_networks
from crawlight.kit.net import FetchError, fetch
from crawlight.kit.origin import Origin
from crawlight.rendering.heads import Heads
from crawlight.rendering.renderer import Rendered, Renderer, RenderError
from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

HOSTS = frozenset({"shop.example", "www.shop.example"})
LOOPBACK = parse_networks(["127.0.0.0/8"])


def led(url: str, **changes: bool) -> Origin:
    """The origin of shop.example."""
    return Origin(HOSTS, url, **changes)


async def heard(request: web.Request) -> web.Response:
    """A page with what the origin was told."""
    told = {name.lower(): text for name, text in request.headers.items()}
    return web.Response(text=f"<pre>{json.dumps(told)}</pre>{CONTENT}", content_type="text/html")


def told(page: Rendered) -> dict[str, str]:
    found: dict[str, str] = json.loads(page.html.decode().partition("<pre>")[2].partition("</pre>")[0])
    return found


async def test_the_origin_is_told_the_public_name(site: Site, render: Render) -> None:
    site.pages["/"] = heard
    page = await render("https://shop.example/", origin=led(site.url))
    names = told(page)
    assert (names["host"], names["x-forwarded-host"]) == ("shop.example", "shop.example")
    assert names["x-forwarded-proto"] == "https"
    assert page.final_url == "https://shop.example/"


async def test_or_its_own_where_it_is_set_so(site: Site, render: Render) -> None:
    site.pages["/"] = heard
    names = told(await render("https://www.shop.example/", origin=led(site.url, as_itself=True)))
    assert (names["host"], names["x-forwarded-host"]) == (site.url.partition("//")[2], "www.shop.example")


async def test_the_page_is_at_the_public_name(site: Site, render: Render) -> None:
    """Its location, addresses, secure cookies, requests to itself and to its twin, and the post of a long body."""

    async def api(request: web.Request) -> web.Response:
        allowed = {"Access-Control-Allow-Origin": "https://shop.example"}
        sent = len(await request.read())
        text = f"{request.method} {request.scheme} {request.host} {sent} {request.headers.get('Cookie', '')}"
        return web.Response(text=text, headers=allowed)

    site.pages["/api"] = api
    script = """
        window.prerenderReady = false;
        document.cookie = '__Host-a=1; Secure; Path=/';
        const says = text => document.body.append(Object.assign(document.createElement('p'), {textContent: text}));
        const ask = (url, what) => fetch(url, what).then(answer => answer.text()).then(says, says);
        (async () => {
          says(location.href); says(new URL('/b', document.baseURI).href); says('secure ' + isSecureContext);
          await ask('/api'); await ask('https://shop.example/api');
          await ask('https://www.shop.example/api');
          await ask('/api', {method: 'POST', body: 'x'.repeat(300000)}); await ask('/api?then');
          window.prerenderReady = true;
        })();
    """
    site.page("/a", f"{CONTENT}<script>{script}</script>")
    page = await render("https://shop.example/a", origin=led(site.url))
    for said in (
        "https://shop.example/a",
        "https://shop.example/b",
        "secure true",
        "GET http shop.example 0 __Host-a=1",
        "GET http www.shop.example 0 ",
        "POST http shop.example 300000 __Host-a=1",
    ):
        assert f"<p>{said}</p>" in page.html.decode()
    assert page.html.count(b"GET http shop.example 0 __Host-a=1") == 3


async def test_many_sites_of_one_address_are_told_apart(site: Site, render: Render) -> None:
    async def named(request: web.Request) -> web.Response:
        return web.Response(text=f"<h1>{request.host}</h1>{CONTENT}", content_type="text/html")

    site.pages["/"] = named
    for number, host in enumerate(("one.example", "two.example")):
        origin = Origin(frozenset({host}), site.url)
        page = await render(f"https://{host}/", origin=origin, domain_id=60 + number)
        assert f"<h1>{host}</h1>".encode() in page.html


async def test_an_app_that_insists_on_https_does_not_loop(site: Site, render: Render) -> None:
    async def insists(request: web.Request) -> web.Response:
        if request.headers.get("X-Forwarded-Proto") != "https":
            raise web.HTTPMovedPermanently(f"https://{request.host}{request.path_qs}")
        return web.Response(text=CONTENT, content_type="text/html")

    site.pages["/"] = insists
    assert (await render("https://shop.example/", origin=led(site.url))).status == 200
    answer = await fetch("http://shop.example/", origin=led(site.url), allowed=LOOPBACK)
    assert (answer.status, answer.url) == (200, "http://shop.example/")


async def test_an_origin_that_knows_its_own_name_only_is_told(site: Site, render: Render) -> None:
    async def insists(request: web.Request) -> web.Response:
        if request.host == "shop.example":
            raise web.HTTPMovedPermanently(f"{site.url}{request.path_qs}")
        return web.Response(text=CONTENT, content_type="text/html")

    site.pages["/a"] = insists
    with pytest.raises(RenderError, match="--origin-host origin") as failed:
        await render("https://shop.example/a", origin=led(site.url))
    assert failed.value.reason == "redirect_loop"
    assert (await render("https://shop.example/a", origin=led(site.url, as_itself=True))).status == 200


async def test_the_twin_that_an_app_prefers_is_followed(site: Site, render: Render) -> None:
    async def prefers(request: web.Request) -> web.Response:
        if request.host == "shop.example":
            raise web.HTTPMovedPermanently(f"https://www.shop.example{request.path}")
        return web.Response(text=CONTENT, content_type="text/html")

    site.pages["/"] = prefers
    page = await render("https://shop.example/", origin=led(site.url))
    assert (page.status, page.final_url) == (200, "https://www.shop.example/")


async def test_sockets_reach_the_origin(site: Site, render: Render) -> None:
    async def socket(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        async for message in opened:
            if message.type is WSMsgType.TEXT:
                await opened.send_str(f"{request.host} {request.headers['X-Forwarded-Proto']} {message.data}")
        return opened

    site.pages["/socket"] = socket
    script = """
        window.prerenderReady = false;
        const socket = new WebSocket('wss://shop.example/socket');
        socket.onopen = () => socket.send('x'.repeat(70000));
        socket.onmessage = event => {
          document.title = event.data.slice(0, 19) + event.data.length; window.prerenderReady = true };
    """
    site.page("/", f"{CONTENT}<script>{script}</script>")
    page = await render("https://shop.example/", origin=led(site.url))
    assert b"<title>shop.example https 70019</title>" in page.html


async def test_files_are_kept_between_pages(site: Site, render: Render, renderer: Renderer) -> None:
    async def file(_: web.Request) -> web.Response:
        lasting = {"Cache-Control": "max-age=3600"}
        return web.Response(text="document.title = 'ran'", content_type="text/javascript", headers=lasting)

    site.pages["/app.js"] = file
    site.page("/", f"{CONTENT}<script src=/app.js></script>")
    for _ in range(2):
        page = await render("https://shop.example/", origin=led(site.url), domain_id=70)
        assert b"<title>ran</title>" in page.html
        while (
            browser := renderer.supervisor.current
        ) and browser.busy:  # until the tab is tidy, another is taken
            await asyncio.sleep(0.01)
    assert site.asked == ["/", "/app.js", "/"]


async def test_only_allowed_networks_are_reached(site: Site, render: Render) -> None:
    site.page("/", CONTENT)
    with pytest.raises(RenderError) as refused:
        await render("https://shop.example/", origin=led(site.url), allowed_networks=())
    assert (refused.value.reason, str(refused.value)) == ("blocked_address", "127.0.0.1 is no public address")
    with pytest.raises(FetchError) as unfetched:
        await fetch("https://shop.example/", origin=led(site.url))
    assert unfetched.value.blocked
    assert site.asked == []


async def test_an_origin_that_is_away_is_told(render: Render) -> None:
    with pytest.raises(RenderError) as failed:
        await render("https://shop.example/", origin=led("http://127.0.0.1:1"))
    assert failed.value.reason == "unreachable"
    assert "127.0.0.1" in str(failed.value)


Issue = Callable[[str], ssl.SSLContext]


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Issue:
    """Issues server certificates of an authority that is trusted for as long as the tests run."""
    folder: Path = tmp_path_factory.mktemp("authority")
    root, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)

    def signed(name: str, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
        def called(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        made = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called("Tests"))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        named = x509.SubjectAlternativeName([x509.DNSName(name)])
        return made.add_extension(named, critical=False).sign(root, hashes.SHA256())

    def context(name: str) -> ssl.SSLContext:
        key, file = ec.generate_private_key(ec.SECP256R1()), folder / f"{name}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + signed(name, key, authority=False).public_bytes(Encoding.PEM))
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file)
        return made

    (folder / "root.pem").write_bytes(signed("Tests", root, authority=True).public_bytes(Encoding.PEM))
    trusting = origins._context(True)
    trusting.load_verify_locations(folder / "root.pem")
    return context


@asynccontextmanager
async def encrypted(context: ssl.SSLContext) -> AsyncIterator[str]:
    """A site behind TLS; gives its address, by name."""
    app = web.Application()
    app.router.add_get("/", heard)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("name", ["shop.example", "localhost"])
async def test_a_certificate_for_either_name_is_good(render: Render, issue: Issue, name: str) -> None:
    async with encrypted(issue(name)) as url:
        page = await render("https://shop.example/", origin=led(url))
        assert told(page)["host"] == "shop.example"
        answer = await fetch("https://shop.example/", origin=led(url), allowed=LOOPBACK)
        assert answer.status == 200


async def test_the_certificate_is_asked_for_by_name(render: Render, issue: Issue) -> None:
    """A server of many sites shows the right one only to those that name it, and turns others away."""
    by_name = {"shop.example": issue("shop.example")}
    asked: list[str | None] = []

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        asked.append(name)
        if name not in by_name:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = by_name[name]
        return None

    other = issue("other.example")
    other.sni_callback = choose  # type: ignore[assignment]
    async with encrypted(other) as url:
        assert (await render("https://shop.example/", origin=led(url))).status == 200
        assert set(asked) == {"shop.example"}
        page = await render("https://shop.example/", origin=led(url, as_itself=True), domain_id=9)
        assert told(page)["host"] == url.partition("//")[2]
        assert "localhost" in asked


async def test_errors_in_a_certificate_pass_only_where_it_is_set_so(render: Render, issue: Issue) -> None:
    async with encrypted(issue("other.example")) as url:
        with pytest.raises(RenderError) as refused:
            await render("https://shop.example/", origin=led(url))
        assert refused.value.reason == "unreachable"
        assert "certificate" in str(refused.value)
        with pytest.raises(FetchError, match="mismatch"):
            await fetch("https://shop.example/", origin=led(url), allowed=LOOPBACK)
        page = await render("https://shop.example/", origin=led(url, verified=False))
        assert page.status == 200
        answer = await fetch("https://shop.example/", origin=led(url, verified=False), allowed=LOOPBACK)
        assert answer.status == 200


async def test_certificates_of_others_are_judged_as_ever(site: Site, render: Render, issue: Issue) -> None:
    async with encrypted(issue("other.example")) as url:
        script = (
            f"window.prerenderReady = false; fetch('{url}/', {{mode: 'no-cors'}}).catch(error => "
            "{ document.title = error.message }).then(() => { window.prerenderReady = true })"
        )
        site.page("/", f"{CONTENT}<script>{script}</script>")
        page = await render("https://shop.example/", origin=led(site.url, verified=False))
        assert b"<title>Failed to fetch</title>" in page.html


REQUESTS = (
    b"POST /a HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\nX-Forwarded-Proto: gopher\r\n\r\nhello"
    b"GET /b HTTP/1.1\r\nhost: shop.example\r\nAccept: */*\r\n\r\n"
    b"GET /socket HTTP/1.1\r\nHost: shop.example\r\nUpgrade: websocket\r\n\r\n\x00GET / HTTP/1.1\r\n\r\n"
)
OURS = b"Host: shop.example\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: https\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_heads_are_written_anew_however_they_are_cut(size: int) -> None:
    heads = Heads(led("http://10.0.0.1"))
    sent = b"".join(heads.feed(REQUESTS[at : at + size]) for at in range(0, len(REQUESTS), size))
    assert sent == (
        b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n" + OURS + b"hello"
        b"GET /b HTTP/1.1\r\nAccept: */*\r\n"
        + OURS
        + b"GET /socket HTTP/1.1\r\nUpgrade: websocket\r\n"
        + OURS
        + b"\x00GET / HTTP/1.1\r\n\r\n"
    )


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"x" * 300_000], ids=["length", "endless"]
)
async def test_what_is_no_request_is_told(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Heads(led("http://10.0.0.1")).feed(said)


def test_public_addresses_of_what_is_at_the_origin() -> None:
    origin = led("http://127.0.0.1:3000")
    assert origin.public("http://127.0.0.1:3000/a?b#c", "shop.example") == "https://shop.example/a?b#c"
    for other in ("http://127.0.0.1/a", "https://shop.example/a"):
        assert origin.public(other, "shop.example") == other
