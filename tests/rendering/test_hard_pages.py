"""Pages that break renderers: slow, noisy, silent, broken, and those that say what they are."""

import json
from collections.abc import Awaitable

import pytest
from aiohttp import web

from crawlight.rendering.renderer import Rendered, RenderError
from tests.rendering.conftest import Render
from tests.rendering.hard import after, events, large
from tests.rendering.site import CONTENT, Site, never

pytestmark = pytest.mark.anyio

SPINNER = '<div id=root><div class="spinner">Loading…</div></div>'
SHOW = "<script>const show = () => { root.innerHTML = " + json.dumps(CONTENT) + "; };</script>"


async def reason_of(page: Awaitable[Rendered]) -> str:
    with pytest.raises(RenderError) as failed:
        await page
    return failed.value.reason


def is_whole(page: Rendered) -> bool:
    return page.status == 200 and CONTENT.encode() in page.html and b"Loading" not in page.html


async def test_a_slow_api_is_waited_for(site: Site, render: Render) -> None:
    site.pages["/api"] = after(2)
    page = await render(site.page("/", SPINNER + SHOW + "<script>fetch('/api').then(show)</script>"))
    assert is_whole(page)


async def test_a_too_slow_api_is_no_page(site: Site, render: Render) -> None:
    site.pages["/api"] = never
    url = site.page("/", SPINNER + SHOW + "<script>fetch('/api').then(show)</script>")
    assert await reason_of(render(url, timeout=4.0)) == "timeout"


async def test_content_by_a_timer_is_waited_for(site: Site, render: Render) -> None:
    page = await render(site.page("/", SPINNER + SHOW + "<script>setTimeout(show, 1500)</script>"))
    assert is_whole(page)


async def test_a_flag_holds_the_page_back_and_lets_it_go(site: Site, render: Render) -> None:
    site.pages["/never"] = never
    body = (
        f"{CONTENT}<div id=more></div><script>window.prerenderReady = false; fetch('/never');"
        "setTimeout(() => { more.textContent = 'more'; prerenderReady = true; }, 1500)</script>"
    )
    page = await render(site.page("/", body))
    assert page.reason == "flag"
    assert b">more<" in page.html


async def test_a_flag_that_is_never_set_is_a_timeout(site: Site, render: Render) -> None:
    url = site.page("/", f"{CONTENT}<script>var prerenderReady = false</script>")
    assert await reason_of(render(url, timeout=3.0)) == "timeout"


NOISES: dict[str, str] = {
    "polling": "setInterval(() => fetch('/poll'), 300)",
    "polling with another address each time": "setInterval(() => fetch('/poll?t=' + Math.random()), 300)",
    "no answer": "fetch('/never')",
    "unread body": "fetch('/long')",
    "event source": "new EventSource('/events')",
    "websocket": "new WebSocket(location.href.replace('http', 'ws'))",
    "a clock": "setInterval(() => { document.body.lastChild.textContent = Date.now(); }, 20)",
    "alert": "alert('hello'); confirm('really?'); prompt('name?')",
    "popups": "window.open('/popup'); for (const _ of [1, 2]) Object.assign(document.createElement('a'),"
    " {href: '/popup', target: '_blank'}).click()",
    "before unload": "addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'no'; })",
    "permissions": "navigator.geolocation.getCurrentPosition(() => 0); Notification.requestPermission()",
    "missing picture": "document.body.append(Object.assign(new Image(), {src: '/x.png',"
    " onerror: () => { document.body.innerHTML = 'broken'; }}))",
}


@pytest.mark.parametrize("noise", NOISES)
async def test_noise_holds_nothing_up(site: Site, render: Render, noise: str) -> None:
    site.pages |= {"/poll": after(0), "/never": never, "/events": events, "/long": large, "/api": after(0.15)}
    script = f"<script>{NOISES[noise]}; fetch('/api').then(a => a.json()).then(show)</script><p></p>"
    # Any of these would run into a limit if it were waited for.
    page = await render(site.page("/", SPINNER + SHOW + script), timeout=6.0)
    assert is_whole(page)


@pytest.mark.parametrize(
    "noise", ["polling with another address each time", "no answer", "unread body", "a clock"]
)
async def test_noise_holds_no_little_page_up(site: Site, render: Render, noise: str) -> None:
    site.pages |= {"/poll": after(0), "/never": never, "/long": large, "/api": after(0.15)}
    little = SHOW.replace(json.dumps(CONTENT), "'<h1>A thing</h1><p>In stock</p>'")
    script = f"<script>{NOISES[noise]}; fetch('/api').then(a => a.json()).then(show)</script><p></p>"
    page = await render(site.page("/", SPINNER + little + script), timeout=8.0)
    assert page.status == 200
    assert b"<p>In stock</p>" in page.html


FRAMES: dict[str, str] = {
    "a slow API": "fetch('/api').then(show)",
    "a slow API after a quick one": "fetch('/quick').then(() => { head.textContent = 'Hello';"
    " fetch('/api').then(show) })",
    "a timer": "setTimeout(show, 1500)",
    "a timer after an API": "fetch('/quick').then(() => setTimeout(show, 700))",
}


@pytest.mark.parametrize("way", FRAMES)
async def test_a_frame_with_a_heading_is_no_page_yet(site: Site, render: Render, way: str) -> None:
    site.pages |= {"/api": after(2), "/quick": after(0)}
    frame = "<nav>Home, About, Shop</nav><h1 id=head>All things</h1><div id=root></div>"
    assert is_whole(await render(site.page("/", f"{frame}{SHOW}<script>{FRAMES[way]}</script>")))


async def test_what_a_page_tried_is_told(site: Site, render: Render) -> None:
    page = await render(site.page("/", f"<script>alert('hello')</script>{CONTENT}"))
    assert page.notes == ("dialog: alert hello",)


BROKEN: dict[str, tuple[str, str]] = {
    "an exception": ("<div id=root></div><script>throw new Error('no')</script>", "empty"),
    "an empty body": ("", "empty"),
    "a spinner for ever": (SPINNER, "empty"),
    "an API that fails": (
        SPINNER + SHOW + "<script>fetch('/fails').then(a => a.ok && show())</script>",
        "upstream_5xx",
    ),
    "an API that is not reached": (
        SPINNER + SHOW + "<script>fetch('http://127.0.0.1:1/').then(show)</script>",
        "empty",
    ),
    "a script that is missing": ("<div id=root>one moment</div><script src=/gone.js></script>", "empty"),
    "an endless loop": (CONTENT + "<script>setTimeout(() => { for (;;); }, 0)</script>", "timeout"),
    "an endless loop at once": (CONTENT + "<script>for (;;);</script>", "timeout"),
    "endless reloads": (CONTENT + "<script>location.reload()</script>", "redirect_loop"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_broken_is_no_page(site: Site, render: Render, what: str) -> None:
    site.pages["/fails"] = after(0, status=500)
    body, reason = BROKEN[what]
    assert await reason_of(render(site.page("/", body), timeout=8.0)) == reason
    # The next page of the domain is none the worse for it.
    assert is_whole(await render(site.page("/good", CONTENT)))


async def test_a_client_side_redirect_is_one(site: Site, render: Render) -> None:
    site.page("/new", CONTENT)
    routes: dict[str, str] = {
        "/assign": "<script>location.href = '/new'</script>",
        "/replace": "<script>addEventListener('load', () => location.replace('/new'))</script>",
        "/meta": "<meta http-equiv=refresh content='0;url=/new'>",
        "/router": f"{CONTENT}<script>setTimeout(() => history.replaceState({{}}, '', '/new'))</script>",
    }
    for path, body in routes.items():
        page = await render(site.page(path, body))
        assert (path, page.status, page.location) == (path, 302, site.url + "/new")
        assert page.html == b""


async def test_a_state_in_the_query_is_no_redirect(site: Site, render: Render) -> None:
    page = await render(site.page("/", CONTENT + "<script>history.pushState({}, '', '?tab=1#x')</script>"))
    assert is_whole(page)


async def test_a_large_page_is_rendered(site: Site, render: Render) -> None:
    items = "Array.from({length: 20000}, (_, i) => `<p onclick='x()'>Item ${i} of a list</p>`)"
    script = f"<script>root.innerHTML = {items}.join('')</script>"
    page = await render(site.page("/", f"<div id=root></div>{script}"))
    assert page.html.count(b"<p>Item ") == 20_000


async def test_a_page_without_end_is_too_large(site: Site, render: Render) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/html"})
        await stream.prepare(request)
        while True:
            await stream.write(b"<!--" + b"and on " * 10_000 + b"-->")

    site.pages["/"] = endless
    assert await reason_of(render(site.url + "/")) == "too_large"
    script = "<script>for (;;) root.append('x'.repeat(1e6))</script>"
    assert await reason_of(render(site.page("/grows", f"<p id=root></p>{script}"), timeout=8.0)) in (
        "crash",
        "timeout",
        "too_large",
    )
    assert is_whole(await render(site.page("/good", CONTENT)))


async def test_a_crash_costs_one_page(site: Site, render: Render) -> None:
    assert await reason_of(render("chrome://crash/")) == "no_html"
    site.page("/good", CONTENT)
    assert is_whole(await render(site.url + "/good"))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Content-Type": "application/pdf"}, "no_html"),
        ({"Content-Type": "application/json"}, "no_html"),
        ({"Content-Type": "image/png"}, "no_html"),
        ({"Content-Type": "text/html", "Content-Disposition": "attachment"}, "download"),
        ({"Content-Type": "application/zip"}, "download"),
    ],
)
async def test_a_file_is_no_page(site: Site, render: Render, headers: dict[str, str], reason: str) -> None:
    async def file(_: web.Request) -> web.Response:
        return web.Response(body=b"{}", headers=headers)

    site.pages["/file"] = file
    assert await reason_of(render(site.url + "/file")) in (reason, "no_html", "download")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "view-source:http://x/", "data:text/html,x"]
)
async def test_only_http_is_rendered(render: Render, url: str) -> None:
    assert await reason_of(render(url)) == "no_html"
