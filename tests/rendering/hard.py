"""Pages that are hard to render, and what is to come of each: for the tests and for the benchmark `hard`."""

import asyncio
import json
from typing import Final

import msgspec
from aiohttp import web

from tests.rendering.site import Handler, Site, never

_ITEM: Final = "`<li><a href=/item/${n}>Item ${n}</a>${' and more of it'.repeat(4)}</li>`"
_ITEMS: Final = f"Array.from({{length: 20000}}, (_, n) => {_ITEM})"
_LOAD: Final = "fetch('/api/0.15').then(a => a.json()).then(show)"


class Case(msgspec.Struct, frozen=True):
    """A page whose script shows its content with ``show()``, the most milliseconds, and what is to come of it.

    ``expected`` is whole, 302, or the reason why there is no page.
    """

    name: str
    script: str
    most: int
    expected: str = "whole"

    @property
    def status(self) -> int:
        """What a crawler gets of it that asks the render endpoint, where no good copy is kept."""
        return {"whole": 200, "302": 302}.get(self.expected, 204)


CASES: Final = [
    Case("API after 0.15 s", _LOAD, 500),
    Case("API after 3 s", "fetch('/api/3').then(show)", 3200 + 300),
    Case("API after 25 s", "fetch('/api/25').then(show)", 20_500, "timeout"),
    Case("timer of 1.5 s", "setTimeout(show, 1500)", 1500 + 500),
    Case(
        "prerenderReady after 1 s",
        "window.prerenderReady = false; setTimeout(() => { show(); prerenderReady = true }, 1000)",
        1000 + 400,
    ),
    Case("polls every 300 ms", f"{_LOAD}; setInterval(() => fetch('/api/0'), 300)", 1000),
    Case("polls other addresses", f"{_LOAD}; setInterval(() => fetch('/api/0?t=' + Date.now()), 300)", 1000),
    Case("never answered", f"fetch('/never'); {_LOAD}", 1000),
    Case("body never read", f"fetch('/large'); {_LOAD}", 1000),
    Case("EventSource", f"new EventSource('/events'); {_LOAD}", 1000),
    Case("alert", f"alert('hello'); {_LOAD}", 1000),
    Case("script throws, empty body", "root.remove(); throw new Error('no')", 5000, "empty"),
    Case("API answers 500", "fetch('/fails').then(a => a.ok && show())", 6000, "upstream_5xx"),
    Case("client-side redirect", "location.replace('/other')", 1000, "302"),
    Case("endless loop", "for (;;);", 20_500, "timeout"),
    Case("20,000 items, 2 MB", f"root.innerHTML = `<p>${{whole}}</p><ul>${{{_ITEMS}.join('')}}</ul>`", 3900),
]
"""The bars are what right looks like, and some 300 to 500 ms for the work itself."""


def after(seconds: float, status: int = 200) -> Handler:
    """An API that takes its time."""

    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.json_response({}, status=status)

    return answer


async def large(_: web.Request) -> web.Response:
    """An answer that is long enough not to be whole before somebody reads it."""
    return web.Response(body=b"x" * 20_000_000)


async def events(request: web.Request) -> web.StreamResponse:
    """A stream of events: one, and then silence."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await stream.prepare(request)
    await stream.write(b"data: hello\n\n")
    return await never(request)


def put(site: Site, content: str) -> None:
    """Put every case on a site, at /hard/ and its number, and what they ask for."""
    show = f"const whole = {json.dumps(content)}; const show = () => {{ root.innerHTML = whole }};"
    for number, case in enumerate(CASES):
        body = f"<div id=root>Loading</div><script>{show} {case.script}</script>"
        site.page(f"/hard/{number}", body, "<title>Hard</title>")
    site.page("/other", content, "<title>Other</title>")
    for seconds in ("0", "0.15", "3", "25"):
        site.pages[f"/api/{seconds}"] = after(float(seconds))
    site.pages |= {"/fails": after(0, status=500), "/large": large, "/events": events, "/never": never}
