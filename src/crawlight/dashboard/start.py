"""``/``: the first steps on a new server."""

from fastapi import APIRouter, Request, Response

from crawlight import __version__
from crawlight.dashboard.site import page


def router(public_url: str) -> APIRouter:
    """The route. Without a public URL, examples show the address that the page was asked under."""
    routes = APIRouter()

    @routes.get("/")
    async def start(request: Request) -> Response:
        url = public_url or f"{request.url.scheme}://{request.url.netloc}"
        return page("start.html", {"title": "Crawlight", "version": __version__, "url": url.rstrip("/")})

    return routes
