"""What answers in the place of what is not loaded: small, inert, and to the page there.

The browser takes it for the origin's answer. So nothing about a picture, a font or a sound needs to be faked towards
scripts: events, promises and sizes are the browser's own.
"""

import base64
from importlib.resources import files
from typing import Any, Final

from crawlight.rendering import events
from crawlight.rendering.tags import is_tag

_HERE: Final = files(__package__)


def _file(name: str) -> str:
    return base64.b64encode(_HERE.joinpath(name).read_bytes()).decode()


def _text(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_FILES: Final = {
    "Image": ("image/png", _file("picture.png")),
    "Media": ("video/webm", _file("media.webm")),
    "Font": ("font/woff2", _file("font.woff2")),
}
"""By kind of request: a clear PNG of 64 × 64, 30 silent seconds of a black WebM, a WOFF2 without letters."""
_OF_TAGS: Final = {
    **_FILES,
    "Script": ("text/javascript", _file("tags.js")),
    "Stylesheet": ("text/css", ""),
    "Document": ("text/html", _text("<!doctype html><title></title>")),
    "XHR": ("application/json", _text("{}")),
    "Fetch": ("application/json", _text("{}")),
}
_FRESH: Final = frozenset({"Document", "XHR", "Fetch"})
_HEADERS: Final = {
    "Cache-Control": "max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
}

Told = tuple[str, dict[str, Any]]
"""A call of the DevTools Protocol."""


def answer(event: events.RequestPaused, page: str = "") -> Told:
    """What to do about a request that waits for us: give it something small, or let it go.

    To the ``page`` of a maker of tags its own addresses are no tags.
    """
    kind = event.resource_type
    if is_tag(event.request.url) and not is_tag(page):
        return _given(event, *_OF_TAGS.get(kind, ("", "")))
    if kind in _FILES:
        return _given(event, *_FILES[kind])
    going: dict[str, Any] = {"requestId": event.request_id}
    if kind in _FRESH:
        headers = {**event.request.headers, "Cache-Control": "no-cache"}
        going["headers"] = [{"name": name, "value": text} for name, text in headers.items()]
    return "Fetch.continueRequest", going


def _given(event: events.RequestPaused, content_type: str, body: str) -> Told:
    asking = event.request.headers.get("Origin", "")
    shared = {"Access-Control-Allow-Origin": asking or "*", "Access-Control-Allow-Headers": "*"}
    if asking:
        shared["Access-Control-Allow-Credentials"] = "true"
    if content_type:
        shared["Content-Type"] = content_type
    told = [{"name": name, "value": text} for name, text in {**_HEADERS, **shared}.items()]
    status = 200 if content_type else 204
    given = {"requestId": event.request_id, "responseCode": status, "responseHeaders": told, "body": body}
    return "Fetch.fulfillRequest", given
