"""Three shops built with what many sites are built with, and the APIs that they ask."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

from aiohttp import web
from tests.rendering.site import Handler, Site
from tests.rendering.wild.taken_away import PICTURE

FOLDER = Path(__file__).parent / "apps"
NAMES = ("react", "vue", "svelte")
ROUTES = ("", "watch/2")
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
_TEXT = "We clean the movement, replace worn parts, oil it and regulate it over ten days. " * 6
_MAKERS = {"omega": "Omega", "longines": "Longines", "zenith": "Zenith"}
_STOCK = [
    {
        "id": number,
        "name": f"{_MAKERS[maker]} of {1950 + number}",
        "maker": maker,
        "price": f"{number}90 euros",
    }
    for number, maker in enumerate([*_MAKERS, *_MAKERS], 1)
]


def build() -> None:
    """Install and build what is not there yet."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("this benchmark needs node and npm")
    for name in NAMES:
        if not (FOLDER / name / "node_modules").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER / name, check=True)
        if not (FOLDER / name / "dist").exists():
            command = [npm, "run", "build", "--silent"]
            subprocess.run(command, cwd=FOLDER / name, check=True, stdout=sys.stderr)


def put(site: Site) -> list[str]:
    """Serve the builds and their APIs on a site; answers the paths of their pages."""
    for name in NAMES:
        dist = FOLDER / name / "dist"
        for file in (file for file in dist.rglob("*") if file.is_file()):
            site.pages[f"/{name}/{file.relative_to(dist)}"] = _file(file)
        for route in ROUTES:
            site.pages[f"/{name}/{route}"] = _file(dist / "index.html")
    for one in _STOCK:
        site.pages[f"/api/watch/{one['id']}"] = _api(_page(str(one["name"])) | one | {"text": _TEXT}, 0.5)
        site.pages[f"/pictures/{one['id']}.svg"] = _picture
    for key, name in _MAKERS.items():
        site.pages[f"/api/maker/{key}"] = _api({"name": name, "text": f"{name} makes watches. {_TEXT}"}, 0.7)
    questions = [{"asked": f"What about {n}?", "answered": f"It is {n}, as ever."} for n in range(12)]
    site.pages |= {
        "/api/intro": _api(_page("Repaired watches") | {"text": _TEXT}, 0.4),
        "/api/stock": _api([one | {"picture": f"/pictures/{one['id']}.svg"} for one in _STOCK], 0.8),
        "/api/questions": _api(questions, 0.6),
    }
    return [f"/{name}/{route}" for name in NAMES for route in ROUTES]


def _page(title: str) -> dict[str, object]:
    data = {"@context": "https://schema.org", "@type": "Product", "name": title}
    return {"title": f"{title} | Shop", "description": f"All about {title}.", "data": data}


def _api(value: object, seconds: float) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.json_response(value)

    return handle


def _file(file: Path) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))

    return handle


async def _picture(_: web.Request) -> web.Response:
    return web.Response(text=PICTURE, content_type="image/svg+xml")
