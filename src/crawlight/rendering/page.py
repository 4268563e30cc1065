"""One render: a request goes into a tab, and a page, a redirect or an error comes out."""

import time
from urllib.parse import urlsplit

import msgspec

from crawlight.rendering import response
from crawlight.rendering.contract import Late, Rendered, RenderError, RenderRequest, Taken
from crawlight.rendering.hops import is_elsewhere, stays
from crawlight.rendering.late import Hurry, linger
from crawlight.rendering.navigation import HTML_TYPES, Navigation
from crawlight.rendering.soft404 import Page
from crawlight.rendering.tab import Tab


async def render_in(
    tab: Tab, request: RenderRequest, navigation: Navigation, hurry: Hurry = lambda: False
) -> tuple[Rendered, Page | None]:
    """Render in a tab that is at rest; also answer what a page tells of itself.

    Raises RenderError; the tab is to be wiped in any case.
    """
    if urlsplit(request.url).scheme not in ("http", "https"):
        raise RenderError("no_html", "only http and https URLs are pages")
    await tab.go(navigation)
    if redirect := _redirect(request, navigation):
        return redirect, None
    document = navigation.document
    if document is None:
        raise RenderError("unreachable", "the origin gave no answer")
    headers = response.passed_on(document.headers)
    response.refuse_status(document.status, headers)
    if navigation.bodiless:
        return _rendered(navigation, document.status, headers, b"", reason="status"), None
    if document.mime_type not in HTML_TYPES:
        raise RenderError("no_html", f"the URL is no page, but {document.mime_type}", status=document.status)
    try:
        return await _done(tab, request, navigation, hurry)
    except RenderError as error:
        if error.reason != "redirect_loop" and (redirect := left(request, navigation)):
            return redirect, None
        raise


def left(request: RenderRequest, navigation: Navigation) -> Rendered | None:
    """The redirect to where the page went by itself, whatever became of what is there."""
    if not navigation.followed or not is_elsewhere(navigation.url, navigation.location):
        return None
    location = response.absolute(navigation.location, navigation.url, request.origin)
    return _rendered(navigation, 302, {}, b"", location=location, reason="client_redirect")


async def _done(
    tab: Tab, request: RenderRequest, navigation: Navigation, hurry: Hurry
) -> tuple[Rendered, Page | None]:
    """Wait until the page is done, and take it."""
    why, _ = await tab.ready(navigation)
    if redirect := _redirect(request, navigation):
        return redirect, None
    quiet, late = time.monotonic(), None
    if (request.wait or request.look) and why != "flag":
        await tab.raw_html(navigation)  # what it tells of closed shadow roots is no change of the page
        left = navigation.deadline - quiet
        late = await linger(tab, navigation, quiet, min(request.wait, left), min(request.look, left), hurry)
    if redirect := _redirect(request, navigation):
        return redirect, None
    return await take(tab, request, navigation, why, quiet, late)


async def take(
    tab: Tab, request: RenderRequest, navigation: Navigation, why: str, quiet: float, late: Late | None
) -> tuple[Rendered, Page | None]:
    """Take the page as it is: ``why`` it was done at the moment ``quiet``, and what came ``late``."""
    painted = await tab.screenshot() if request.screenshot else b""
    taken = await tab.html(navigation)
    raw = await tab.raw_html(navigation)
    rendered = _page(request, navigation, taken, raw, why, quiet)
    complete = (
        {"complete": rendered.timing["ready"] + (late.milliseconds if late else 0)} if rendered.html else {}
    )
    timing = {**rendered.timing, **complete}
    made_of, bodies = await navigation.gathering.whole(navigation.document, raw, taken.depends)
    rendered = msgspec.structs.replace(
        rendered, screenshot=painted, late=late, timing=timing, made_of=made_of, bodies=bodies
    )
    if rendered.location is not None:
        return rendered, None
    robots = f"{taken.robots} {rendered.headers.get('x-robots-tag', '')}"
    return rendered, Page(taken.title, taken.heading, taken.text, robots)


def _page(
    request: RenderRequest, navigation: Navigation, taken: Taken, raw: bytes, why: str, ready: float
) -> Rendered:
    document = navigation.document
    assert document is not None  # noqa: S101
    said_too = response.meta_headers(taken.metas)
    headers = {**response.passed_on(document.headers), **said_too}
    response.refuse_status(document.status, headers)
    status = document.status
    reason = why
    if status == 200 and (said := response.meta_status(taken.metas)):
        response.refuse_status(said, headers)
        status, reason = {303: 302}.get(said, said), "meta"
    if status in response.REDIRECTS and (target := headers.pop("location", "")):
        location = response.absolute(target, navigation.location, request.origin)
        if location:
            return _rendered(navigation, status, headers, raw, location=location, reason="meta")
    if status in response.REDIRECTS or status < 200:
        status = 200
    html = taken.html.encode("utf-8", "replace")
    rendered = _rendered(navigation, status, headers, raw, html=html, reason=reason, ready=ready)
    said_too.pop("location", "")
    rendered = msgspec.structs.replace(rendered, meta_headers=said_too)
    if is_elsewhere(navigation.url, navigation.location) and (status == 200 or navigation.followed):
        location = response.absolute(navigation.location, navigation.url, request.origin)
        redirect = _rendered(navigation, 302, headers, raw, location=location, reason="client_redirect")
        return msgspec.structs.replace(redirect, instead=rendered)
    return rendered


def _redirect(request: RenderRequest, navigation: Navigation) -> Rendered | None:
    """The redirect that the origin or a script made, if one did."""
    status, target = navigation.redirect or (302, navigation.moved)
    if not target:
        return None
    location = response.absolute(target, navigation.url, request.origin)
    if location is None:
        raise RenderError("no_html", f"the page redirects to {target[:200]}")
    if location != target and stays(location, navigation.url):
        told = "the origin redirects to its own address; `--origin-host origin` asks it under that name"
        raise RenderError("redirect_loop", told)
    reason = "redirect" if navigation.redirect else "client_redirect"
    status = {303: 302}.get(status, status)
    return _rendered(navigation, status, {}, b"", location=location, reason=reason)


def _rendered(
    navigation: Navigation,
    status: int,
    headers: dict[str, str],
    raw: bytes,
    *,
    html: bytes = b"",
    location: str | None = None,
    reason: str,
    ready: float = 0.0,
) -> Rendered:
    moments = {
        "parsed": navigation.parsed,
        "loaded": navigation.loaded,
        "ready": ready,
        "done": time.monotonic(),
    }
    timing = {name: round((at - navigation.started) * 1000) for name, at in moments.items() if at}
    return Rendered(
        status=status,
        html=html,
        raw_html=raw,
        headers=headers,
        final_url=navigation.location,
        location=location,
        milliseconds=timing["done"],
        reason=reason,
        notes=tuple(navigation.notes),
        timing=timing,
    )
