"""The site of the benchmarks: 50 routes of a React app, each with one JSON answer that comes 150 ms late."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

FOLDER = Path(__file__).parent / "site"
API_SECONDS = 0.15
ROUTES = ["/", "/about", *(f"/blog/{n}" for n in range(1, 25)), *(f"/product/{n}" for n in range(1, 25))]
_SENTENCE = "A sentence of the kind that shops have, neither long nor short, about what there is to buy. "


def page(path: str) -> dict[str, Any]:
    """What the API says of a route."""
    title = f"Page {path}"
    return {
        "title": title,
        "description": f"All about {path}",
        "canonical": f"https://shop.example{path}",
        "data": {"@context": "https://schema.org", "@type": "Product", "name": title},
        "links": ROUTES[:12],
        "sections": [{"title": f"Section {n}", "text": _SENTENCE * 8} for n in range(8)],
    }


def is_whole(html: str, path: str) -> bool:
    """Whether a page has all that a crawler is to index."""
    return (
        f"<title>Page {path}</title>" in html
        and html.count("<section>") == 8
        and f'href="https://shop.example{path}"' in html
        and "application/ld+json" in html
    )


def build() -> None:
    """Install and build what is not there yet."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("this benchmark needs node and npm")
    for folder in (FOLDER, FOLDER.parent / "peer"):
        if not (folder / "node_modules").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    if not (FOLDER / "dist").exists():
        subprocess.run([npm, "run", "build", "--silent"], cwd=FOLDER, check=True)


def app() -> web.Application:
    """The site's server."""
    dist = FOLDER / "dist"
    index = (dist / "index.html").read_text()
    files = {f"/assets/{file.name}": file.read_bytes() for file in (dist / "assets").iterdir()}

    async def api(request: web.Request) -> web.Response:
        await asyncio.sleep(API_SECONDS)
        return web.json_response(page(request.path.removeprefix("/api")))

    async def asset(request: web.Request) -> web.Response:
        return web.Response(
            body=files[request.path],
            content_type="text/javascript",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    async def document(_: web.Request) -> web.Response:
        return web.Response(text=index, content_type="text/html")

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=bytes(184_000), content_type="image/png")

    made = web.Application()
    made.router.add_get("/api{path:.*}", api)
    made.router.add_get("/assets/{path:.*}", asset)
    made.router.add_get("/picture.png", picture)
    made.router.add_get("/{path:.*}", document)
    return made


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None)
