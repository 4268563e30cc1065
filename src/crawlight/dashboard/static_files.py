"""Static files: those of the package, kept in memory, compressed once, named by their content."""

import gzip
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from crawlight.errors import CrawlightError
from crawlight.kit.accept import takes_gzip

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_YEAR: Final = "public, max-age=31536000, immutable"


class StaticFile(msgspec.Struct, frozen=True):
    """One file. ``version`` changes with its content."""

    content: bytes
    compressed: bytes
    type: str
    version: str


def load() -> dict[str, StaticFile]:
    """All files that may be served, by path below ``/static/``."""
    return dict(_walk(files("crawlight.dashboard") / "static", ""))


def router(contents: dict[str, StaticFile]) -> APIRouter:
    """The route: no path that leads elsewhere."""
    routes = APIRouter()

    @routes.get("/static/{name:path}")
    async def static(request: Request, name: str) -> Response:
        file = contents.get(name)
        if file is None:
            raise CrawlightError("not_found")
        named = request.query_params.get("v") == file.version
        headers = {
            "Cache-Control": _YEAR if named else "public, max-age=3600",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if not takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(file.content, headers=headers, media_type=file.type)
        headers["Content-Encoding"] = "gzip"
        return Response(file.compressed, headers=headers, media_type=file.type)

    return routes


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, StaticFile]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif kind := _TYPES.get(entry.name.rpartition(".")[2]):
            content = entry.read_bytes()
            version = sha256(content).hexdigest()[:12]
            found.append((prefix + entry.name, StaticFile(content, gzip.compress(content), kind, version)))
    return found
