"""Text, title and structured data that come after the page already has something to read."""

import asyncio
import json

from aiohttp import web

from tests.rendering.site import Handler
from tests.rendering.wild.page import PROSE, Page, document


def api(value: object, seconds: float) -> Handler:
    """An API that answers after a time."""

    async def handle(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.json_response(value)

    return handle


_LIST = (
    "<h1>Watch repair in Basel</h1>" + PROSE + "<h2>In stock</h2><ul id=stock></ul><script>fetch('{api}')"
    ".then(a => a.json()).then(all => { stock.innerHTML = all.map(one => `<li>${one}</li>`).join('') })</script>"
)
_HEAD = (
    "<h1>Vintage watches</h1>"
    + PROSE
    + """<script>
    fetch('/api/head').then(a => a.json()).then(found => {
      document.title = found.title;
      const add = (name, values) => document.head.append(Object.assign(document.createElement(name), values));
      add('link', {rel: 'canonical', href: found.canonical});
      add('script', {type: 'application/ld+json', textContent: JSON.stringify({'@type': 'Product', name: 'Late'})});
    })</script>"""
)
_JSON_LD = (
    "<h1>Bread</h1><p>"
    + "All about bread and the ovens that it comes from. " * 4
    + """</p><script>setTimeout(() => {
      const data = document.createElement('script');
      data.type = 'application/ld+json';
      data.textContent = JSON.stringify({'@context': 'https://schema.org', '@type': 'Product', name: 'Rye'});
      document.head.append(data);
    }, 600)</script>"""
)
_WATCHES = ["Omega Seamaster 1966", "Longines Flagship 1958"]

PAGES = [
    Page(
        "/hero-late-list800",
        document(_LIST.replace("{api}", "/api/list800")),
        has=tuple(_WATCHES),
        answers={"/api/list800": api(_WATCHES, 0.8)},
    ),
    Page(
        "/hero-late-list1500",
        document(_LIST.replace("{api}", "/api/list1500")),
        has=tuple(_WATCHES),
        answers={"/api/list1500": api(_WATCHES, 1.5)},
    ),
    Page(
        "/late-head",
        document(_HEAD, title="App"),
        has=("/late-canonical", json.dumps({"@type": "Product", "name": "Late"}).replace(" ", "")),
        title="Vintage watches | Late title",
        answers={
            "/api/head": api({"title": "Vintage watches | Late title", "canonical": "/late-canonical"}, 1.2)
        },
    ),
    Page("/late-json-ld", document(_JSON_LD, title="Bread"), has=('"Rye"',), late=True),
]
