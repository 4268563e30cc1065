"""A page of the web and what a person sees of it."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from crawlight.rendering.contract import Rendered
from tests.rendering.site import Handler

TEXT = (
    "We repair mechanical watches and pocket watches of every make. We clean the movement, replace worn parts, oil"
    " it, and regulate it over ten days. You get a written estimate, photos of the work, and two years of warranty."
    " Bring your watch to the shop or send it insured. "
) * 2
PROSE = f"<p>{TEXT}</p>"


class Page(msgspec.Struct, frozen=True):
    """What stands at a path, and what a crawler must get of it.

    ``has`` and ``lacks`` are pieces of the snapshot's HTML, as the serialiser writes it. ``location`` is the path that
    a redirect leads to, with ``status`` its status. ``late``: timers bring what is missing, so only the second visit
    has to be whole. ``most``: the most bytes of the snapshot. ``answers``: what else the page asks its site for.
    """

    path: str
    document: str | Handler
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    title: str | None = None
    status: int = 200
    location: str | None = None
    late: bool = False
    most: int = 2_000_000
    answers: Mapping[str, Handler] = {}


def document(body: str, head: str = "", title: str = "Watch repair") -> str:
    """A document around a body."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def answer(body: str | bytes, content_type: str = "text/html; charset=utf-8", status: int = 200) -> Handler:
    """The same answer for everybody."""

    async def handle(_: web.Request) -> web.Response:
        content = body.encode() if isinstance(body, str) else body
        return web.Response(body=content, status=status, headers={"Content-Type": content_type})

    return handle


def faults(page: Page, base: str, rendered: Rendered) -> list[str]:
    """What a crawler does not get as people do, in words; empty where the page is whole.

    ``base`` is the address of the site, without a slash at its end.
    """
    html = rendered.html.decode()
    wished = page.location and (page.location if "://" in page.location else base + page.location)
    found = [f"status {rendered.status}"] if rendered.status != page.status else []
    found += [f"leads to {rendered.location}"] if (rendered.location or None) != wished else []
    found += [f"lacks {piece!r}" for piece in page.has if piece not in html]
    found += [f"has {piece!r}" for piece in page.lacks if piece in html]
    if page.title is not None and f"<title>{page.title}</title>" not in html:
        found.append("has another title")
    return found + ([f"{len(rendered.html)} bytes"] if len(rendered.html) > page.most else [])
