"""Thousands of pages, every other of them out to break something."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable

import psutil
import pytest

from crawlight.rendering.renderer import Renderer, RenderError
from crawlight.rendering.watchdog import _BYTES, _BYTES_PER_TAB
from tests.rendering.conftest import request_for
from tests.rendering.site import CONTENT, Site, never

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

RENDERS = int(os.environ.get("SOAK_RENDERS", "5000"))
_OURS = 400 * 1024 * 1024


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the server runs on. That of the standard library may lose what it accepts while it closes."""
    return "asyncio", {"use_uvloop": True}


HOSTILE = [
    "<script>for (;;);</script>",
    "<script>setTimeout(() => { for (;;); })</script>",
    "<script>location.reload()</script>",
    "<script>location = 'data:text/html,x'; setInterval(() => location.reload(), 1)</script>",
    "<script>const all = []; for (;;) all.push(new Array(1e6).fill(1.5))</script>",
    "<script>for (;;) document.body.append('x'.repeat(1e6))</script>",
    "<script>setInterval(() => document.body.append('x'.repeat(1e5)))</script>",
    "<script>(function f() { f(); f(); })()</script>",
    "<script>const url = URL.createObjectURL(new Blob(['for (;;);']));"
    " for (let i = 0; i < 20; i++) new Worker(url)</script>",
    "<script>setInterval(() => open('/popup'), 1); setInterval(() => alert(1), 1)</script>",
    "<script>addEventListener('beforeunload', e => { for (;;); })</script>",
    "<script>addEventListener('pagehide', e => { const end = Date.now() + 9000; while (Date.now() < end); })</script>",
    "<script>setInterval(() => fetch('/never'), 1)</script>",
    "<script>for (let i = 0; i < 300; i++) new WebSocket(location.href.replace('http', 'ws'))</script>",
    "<script>for (let i = 0; i < 100; i++) document.body.append(document.createElement('iframe'))</script>",
    "<iframe src=/></iframe><iframe src=/endless></iframe>",
    "<script>document.open(); document.write('<p>' + 'x'.repeat(1e7))</script>",
    "<script>history.pushState({}, '', '/x'); setInterval(() => history.back(), 1)</script>",
    "<script>throw new Error('no')</script>",
    "<script>document.documentElement.remove()</script>",
    "<script>setInterval(() => { document.body.innerHTML = Math.random() })</script>",
    "<script>Promise.resolve().then(function f() { return Promise.resolve().then(f) })</script>",
    "<script>window.prerenderReady = false</script>",
    "<script>localStorage.x = 'x'.repeat(5e6); for (;;) sessionStorage[Math.random()] = 'x'.repeat(1e5)</script>",
    "<script>window.top.location = 'http://127.0.0.1:9222/'</script>",
    "<script>while (true) fetch('/never')</script>",
    "<script>const page = document.body.innerHTML; setInterval(() => document.body.innerHTML += page)</script>",
    "<script>(function deep(node, n) { if (n) deep(node.appendChild(document.createElement('div')), n - 1) })"
    "(document.body, 5000)</script>",
    "<script>for (let i = 0; i < 1e5; i++) setTimeout(() => document.title = i, i % 3000)</script>",
    "<script>(function later() { setTimeout(later, 250); setTimeout(later, 250) })()</script>",
    "<script>requestAnimationFrame(function draw() { const end = Date.now() + 200; while (Date.now() < end);"
    " requestAnimationFrame(draw) })</script>",
    "<script>new MutationObserver(() => document.body.append('x')).observe(document.body, {childList: true});"
    " document.body.append('x')</script>",
    "<script>Object.defineProperty(document, 'body', {get() { for (;;); }})</script>",
    "<script>Element.prototype.getHTML = Element.prototype.remove = () => { for (;;); }</script>",
    "<script>window.setTimeout = window.requestAnimationFrame = window.requestIdleCallback = () => 0</script>",
    "<script>for (let i = 0; i < 1000; i++) document.body.attachInternals?.(),"
    " document.body.append(Object.assign(document.createElement('a'), {href: 'javascript:for(;;);'}))</script>",
    "<script>const host = document.createElement('div'); document.body.append(host);"
    " let at = host; for (let i = 0; i < 300; i++) { const root = at.attachShadow({mode: 'closed'});"
    " at = root.appendChild(document.createElement('div')) }</script>",
    "<script>const sheet = document.head.appendChild(document.createElement('style')).sheet;"
    " for (let i = 0; i < 5e4; i++) sheet.insertRule(`.a${i} { color: red }`)</script>",
    "<script>navigator.serviceWorker?.register('/worker.js').catch(() => 0); caches?.open('x')</script>",
    "<script>indexedDB.open('x').onupgradeneeded = e => { const all = e.target.result.createObjectStore('s');"
    " for (let i = 0; i < 500; i++) all.put('x'.repeat(1e5), i) }</script>",
    "<script>new BroadcastChannel('x').onmessage = e => e.target.postMessage(1);"
    " new BroadcastChannel('x').postMessage(1)</script>",
    "<script>const canvas = document.createElement('canvas'); canvas.width = canvas.height = 16000;"
    " document.body.append(canvas); canvas.getContext('2d').fillRect(0, 0, 16000, 16000)</script>",
    "<script>for (let i = 0; i < 30; i++) new OfflineAudioContext(2, 4e6, 44100).startRendering()</script>",
    "<script>crypto.subtle?.digest('SHA-512', new Uint8Array(2e8))</script>",
    "<script>const a = document.createElement('a'); a.download = 'x'; a.href = URL.createObjectURL(new Blob(['x']));"
    " setInterval(() => a.click(), 10)</script>",
    "<script>setInterval(() => { location.hash = Math.random() }, 1)</script>",
    "<script>/(a+)+$/.test('a'.repeat(40) + 'b')</script>",
    "<script>eval('('.repeat(1e5))</script>",
    "<script>JSON.parse('['.repeat(1e6))</script>",
    "<script>setTimeout(() => { location = 'about:blank' }, 100); setInterval(() => print(), 5)</script>",
]


def is_good(number: int) -> bool:
    return number % 2 == 0


class Soak:
    """Renders pages in turn, and counts what came of them."""

    def __init__(self, renderer: Renderer, site: Site) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failed: list[str] = []
        self.memory = 0
        self._renderer = renderer
        self._url = site.url
        self._left = iter(range(RENDERS))

    async def loop(self) -> None:
        for turn in self._left:
            number = turn % 100
            outcome = await self._outcome(number)
            self.outcomes[f"{'good' if is_good(number) else 'hostile'}: {outcome}"] += 1
            if is_good(number) and outcome != "whole":
                self.failed.append(f"{turn}: {outcome}")
            browser = self._renderer.supervisor.current
            self.memory = max(self.memory, browser.memory if browser else 0)

    async def _outcome(self, number: int) -> str:
        # A hostile page and a good one share each domain, and so its tab.
        # Good pages may wait for their turn on the processor beside those that take all of it.
        timeout = 60.0 if is_good(number) else 2.0
        request = request_for(f"{self._url}/{number}", domain_id=1 + number // 2 % 10, timeout=timeout)
        try:
            page = await self._renderer.render(request)
        except RenderError as error:
            return error.reason
        return "whole" if f"<h1>Page {number}</h1>{CONTENT}" in page.html.decode() else page.reason


async def test_no_good_page_fails_and_nothing_is_left(
    site: Site, record_property: Callable[..., None]
) -> None:
    """50 good pages and 50 hostile ones in turn, four at a time."""
    renderer = Renderer(concurrency=4)
    site.pages["/never"] = never
    for number in range(100):
        hostile = HOSTILE[number // 2 % len(HOSTILE)]
        site.page(f"/{number}", f"<h1>Page {number}</h1>{CONTENT}{'' if is_good(number) else hostile}")
    soak = Soak(renderer, site)
    await asyncio.gather(*(soak.loop() for _ in range(4)))
    told = {
        "browsers": renderer.supervisor.started,
        "most megabytes of browser": soak.memory >> 20,
        **soak.outcomes,
    }
    for name, value in told.items():
        record_property(name, value)
    sys.stderr.write(f"\n{RENDERS} renders: {told}\n")
    await renderer.close()
    assert soak.failed == []
    assert soak.memory < 3 * (_BYTES + 4 * _BYTES_PER_TAB)
    assert psutil.Process().memory_info().rss < _OURS
    async with asyncio.timeout(30):
        while psutil.Process().children(recursive=True):
            await asyncio.sleep(0.1)
