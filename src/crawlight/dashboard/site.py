"""The frame of every page: templates, static files, and the headers that keep a page to itself."""

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from crawlight.errors import CrawlightError

_STATIC = files("crawlight.dashboard") / "static"
_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}

# No script at all, nothing from elsewhere, no frame around us (https://www.w3.org/TR/CSP3/).
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_templates = Environment(
    loader=PackageLoader("crawlight.dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, values: Mapping[str, object]) -> Response:
    """A page made of a template; a value that is missing in it is an error."""
    html = _templates.get_template(template).render(values)
    return Response(html, headers=_HEADERS, media_type="text/html")


def static_files() -> APIRouter:
    """The route of the static files: those of the package, and no path that leads elsewhere."""
    routes = APIRouter()
    contents = {file.name: file.read_bytes() for file in _STATIC.iterdir() if file.is_file()}

    @routes.get("/static/{name}")
    async def static(name: str) -> Response:
        kind = _TYPES.get(name.rpartition(".")[2])
        if kind is None or name not in contents:
            raise CrawlightError("not_found")
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Response(contents[name], headers=headers, media_type=kind)

    return routes
