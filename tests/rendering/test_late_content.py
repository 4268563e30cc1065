"""Pages that have something to read, and get more from their site: what content may come from is waited for."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from crawlight.rendering.renderer import Rendered, RenderError
from tests.rendering.conftest import Render
from tests.rendering.hard import after
from tests.rendering.site import CONTENT, Handler, Site, never

pytestmark = pytest.mark.anyio

SLOW = 1.2
"""Seconds that an API takes: many times what a page may be silent."""

PUT = "const put = src => document.head.append(Object.assign(document.createElement('script'), {src}));"
SHOW = PUT + "const show = () => { more.textContent = 'the late part' };"
MORE = "<p id=more>soon</p>"


def page(script: str, body: str = MORE) -> str:
    return f"<h1>A thing</h1>{CONTENT}{body}<script>{SHOW} {script}</script>"


def is_whole(rendered: Rendered) -> bool:
    return rendered.status == 200 and b"the late part" in rendered.html


def body(text: str, kind: str = "text/javascript", seconds: float = SLOW) -> Handler:
    """A file that takes its time."""

    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.Response(text=text, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    return answer


async def head_first(request: web.Request) -> web.StreamResponse:
    """An answer whose head comes at once, and whose body does not, and then in two pieces."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    for piece in (b'{"a":', b"1}"):
        await asyncio.sleep(SLOW)
        await answer.write(piece)
    return answer


def flaky() -> Handler:
    """An API that fails at first."""
    asked = []

    async def answer(_: web.Request) -> web.Response:
        asked.append(1)
        return web.json_response({}, status=500 if len(asked) == 1 else 200)

    return answer


LATE: dict[str, str] = {
    "fetch": "fetch('/slow').then(a => a.json()).then(show)",
    "await": "(async () => { const answer = await fetch('/slow'); await answer.json(); show() })()",
    "a fetch behind a wrapper": "const call = (...what) => fetch(...what).then(a => a); call('/slow').then(show)",
    "XMLHttpRequest": "const x = new XMLHttpRequest(); x.open('GET', '/slow'); x.onload = show; x.send()",
    "POST": "fetch('/slow', {method: 'POST', body: '{query}'}).then(show)",
    "one after the other": "fetch('/slow?1').then(() => fetch('/slow?2')).then(show)",
    "a query library": "let tick = 0; const load = key => fetch('/slow?key=' + key).then(a => a.json());"
    "const render = state => queueMicrotask(() => { if (state === 1) load('user').then(() => render(2));"
    "if (state === 2) load('list').then(() => { show() }) }); render(1)",
    "after a moment": "setTimeout(() => fetch('/slow').then(show), 120)",
    "a moment after an answer": "fetch('/quick').then(() => setTimeout(() => setTimeout(() =>"
    " fetch('/slow').then(show), 90), 90))",
    "when it is idle": "requestIdleCallback(() => fetch('/slow').then(show))",
    "when it comes into view": "const box = Object.assign(document.createElement('div'),"
    " {style: 'margin-top: 5000px', textContent: 'far down'}); document.body.append(box);"
    "new IntersectionObserver((seen, o) => { if (seen.some(one => one.isIntersecting)) {"
    " o.disconnect(); fetch('/slow').then(show) } }).observe(box)",
    "a module": "import('/module.js').then(m => m.go())",
    "a script that is put in": "put('/late.js')",
    "JSONP": "put(OTHER + '/late.js?callback=show')",
    "an API elsewhere": "fetch(OTHER + '/cors').then(a => a.text()).then(show)",
    "a body that comes slowly": "fetch('/head-first').then(a => a.json()).then(show)",
    "a list page by page": "(async () => { for (let n = 1; n < 13; n++) await fetch('/page?n=' + n); show() })()",
    "many cards": "Promise.all(Array.from({length: 20}, (_, n) => fetch('/card?n=' + n))).then(show)",
    "tried again": "const go = () => fetch('/flaky').then(a => a.ok ? show() : setTimeout(go, 1000)); go()",
}


@pytest.fixture
async def shop(site: Site) -> Site:
    """A site with slow and quick answers."""
    site.pages |= {
        "/slow": after(SLOW),
        "/quick": after(0),
        "/page": after(0.15),
        "/card": after(0.3),
        "/module.js": body("export const go = () => fetch('/slow').then(show)"),
        "/late.js": body("show()"),
        "/cors": body("hello", "text/plain"),
        "/head-first": head_first,
        "/flaky": flaky(),
        "/never": never,
        "/fails": after(0, status=500),
        "/denied": after(0, status=401),
        "/bad.js": after(0, status=503),
    }
    return site


def elsewhere(site: Site, script: str) -> str:
    """The script with the same site by another name in the place of OTHER."""
    return script.replace("OTHER", json.dumps(f"http://localhost:{urlsplit(site.url).port}"))


@pytest.mark.parametrize("way", LATE)
async def test_what_a_page_gets_late_is_waited_for(shop: Site, render: Render, way: str) -> None:
    url = shop.page("/", page(elsewhere(shop, LATE[way])))
    assert is_whole(await render(url))


BESIDE: dict[str, str] = {
    "an answer that nobody looks at": "fetch('/never'); fetch('/never?2').catch(() => 0)",
    "a beacon": "fetch('/never', {method: 'POST', keepalive: true}).then(() => 0)",
    "an event that is told": "fetch('/never/collect', {method: 'POST', body: '{}'}).then(() => 0)",
    "a long poll": "fetch('/socket.io/?EIO=4&transport=polling').then(() => 0)",
    "a prefetch": "fetch('/never', {headers: {Purpose: 'prefetch'}}).then(() => 0)",
    "an event stream": "new EventSource('/never')",
    "a script of a strange host": "put(OTHER + '/never')",
    "a poll that is slow": "let n = 0; const poll = () => fetch('/page?since=' + n++)"
    ".then(() => setTimeout(poll, 300)); poll()",
}


@pytest.mark.parametrize("noise", BESIDE)
async def test_what_brings_nothing_is_not_waited_for(shop: Site, render: Render, noise: str) -> None:
    shop.pages |= {"/never/collect": never, "/socket.io/": never}
    script = f"{elsewhere(shop, BESIDE[noise])}; fetch('/slow').then(show)"
    rendered = await render(shop.page("/", page(script)), timeout=9.0)
    assert is_whole(rendered)
    assert not any(note.startswith("not answered") for note in rendered.notes)


async def test_what_is_never_answered_is_learned(shop: Site, render: Render) -> None:
    url = shop.page("/", page("fetch('/never?' + Math.random()).then(show)"))
    told = f"not answered: {shop.url}/never"
    first = await render(url, timeout=3.0, domain_id=31)
    assert [note.partition("?")[0] for note in first.notes] == [told]
    assert CONTENT.encode() in first.html
    assert (await render(url, timeout=3.0, domain_id=31)).notes == ()
    # What it knows of one domain says nothing of others.
    assert (await render(url, timeout=3.0, domain_id=32)).notes != ()


async def test_a_page_with_a_hole_waits_in_vain_and_is_none(shop: Site, render: Render) -> None:
    url = shop.page("/", page("fetch('/never').then(show)", "<ul id=more></ul>"))
    for _ in range(3):
        with pytest.raises(RenderError) as failed:
            await render(url, timeout=2.0, domain_id=33)
        assert failed.value.reason == "timeout"
    assert CONTENT.encode() in (await render(url, timeout=2.0, domain_id=33)).html


FAILED: dict[str, tuple[str, str, str]] = {
    "an empty list": ("fetch('/fails').then(a => a.ok && show())", "<ul id=more></ul>", "upstream_5xx"),
    "a title that stays": (
        "fetch('/fails').then(a => a.json()).then(a => document.title = a.b.c)",
        "",
        "upstream_5xx",
    ),
    "an excuse": (
        "fetch('/fails').then(() => { more.textContent = 'Something went wrong. Try again.' })",
        MORE,
        "upstream_5xx",
    ),
    "no connection": ("fetch('http://127.0.0.1:1/').then(show)", "<ul id=more></ul>", "empty"),
    "a script that failed": (
        "document.title = 'A'",
        "<div id=app></div><script src=/bad.js></script>",
        "upstream_5xx",
    ),
    "a script that is gone": (
        "document.title = 'A'",
        "<div id=app></div><script src=/gone.js></script>",
        "empty",
    ),
}


@pytest.mark.parametrize("what", FAILED)
async def test_a_page_that_lacks_a_part_is_none(shop: Site, render: Render, what: str) -> None:
    script, body, reason = FAILED[what]
    with pytest.raises(RenderError) as failed:
        await render(shop.page("/", page(script, body)))
    assert failed.value.reason == reason


HARMLESS: dict[str, str] = {
    "something else in its place": "fetch('/fails').then(a => { if (!a.ok) show() })",
    "nobody is signed in": "fetch('/denied').then(a => a.ok || show())",
    "a beacon that fails": "fetch('/fails'); show()",
    "a script that is gone and left nothing empty": "put('/gone.js'); show()",
}


@pytest.mark.parametrize("what", HARMLESS)
async def test_a_failure_that_leaves_no_hole_is_none_of_the_page(
    shop: Site, render: Render, what: str
) -> None:
    assert is_whole(await render(shop.page("/", page(HARMLESS[what]))))
