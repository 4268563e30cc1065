"""A site on loopback whose pages are functions, for a real browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT = "<p>" + "There is a lot to read on this page, all of it worth the while. " * 8 + "</p>"
"""Enough to be a page."""


class Site:
    """Pages by path; ``asked`` has every path that was asked for, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, str | Handler] = {}
        self.asked: list[str] = []
        self.url = ""

    def page(self, path: str, body: str, head: str = "<title>A page</title>") -> str:
        """Put a page at a path; give its URL."""
        self.pages[path] = f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"
        return self.url + path

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        found = self.pages.get(request.path)
        if found is None:
            return web.Response(status=404, text="nothing here", content_type="text/html")
        if isinstance(found, str):
            return web.Response(text=found, content_type="text/html")
        return await found(request)


async def never(_: web.Request) -> web.StreamResponse:
    """An answer that does not come."""
    await asyncio.Event().wait()
    raise AssertionError


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """A site that listens on 127.0.0.1."""
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()
