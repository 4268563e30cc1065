"""The sample site of the demo: a shop window that is empty until its scripts have run.

It has good pages, one that is not found though the server says 200, one that its scripts lead elsewhere, a slow one
and a broken one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

HOST: Final = "shop.example.com"
"""The domain under which the demo knows it."""

PATHS: Final = (
    "/",
    "/breads",
    "/breads/rye",
    "/breads/spelt",
    "/about",
    "/menu",
    "/slow",
    "/breads/cake",
    "/broken",
)
HOSTED_ROBOTS: Final = f"""# Crawlight answers this in the place of the site.
User-agent: *
Allow: /
Disallow: /broken

Sitemap: https://{HOST}/sitemap.xml
"""
_FILES: Final = frozenset({"app.js", "pages.js", "breads.json", "robots.txt", "sitemap.xml", "oven.jpg"})
_FOLDER: Final = Path(__file__).parent


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """Serve the site on a free port of this machine; gives its address."""
    app = web.Application()
    app.router.add_get("/{path:.*}", _answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _answer(request: web.Request) -> web.StreamResponse:
    """A file of the site, or the one page that every path gets."""
    name = request.match_info["path"]
    return web.FileResponse(_FOLDER / (name if name in _FILES else "index.html"))
