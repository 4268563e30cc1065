"""``/previews/TOKEN``: a stored document to look at, in a frame that can do nothing.

The address itself is the permission, signed and for a few minutes: the frame gets no cookie, and whatever the document
holds runs nothing, loads nothing, and belongs to an origin of its own.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from crawlight.dashboard.reading import harmless
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.state import Dashboard, dashboard_of
from crawlight.kit.confined import TooMuchError, confined
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.memory import Snapshot

routes = APIRouter()

SIDES: Final = ("served", "raw")
"""What crawlers are served, and what the origin sends before any script has run."""

_PURPOSE: Final = "preview"
_SECONDS: Final = 15 * 60
HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; "
        "base-uri 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_TOO_MUCH: Final = (
    b"<!doctype html><title>Too much</title><p>This document is made in a way that takes too long to show."
)
_GONE: Final = b"<!doctype html><title>Gone</title><p>This document is kept no longer. Refresh the page.</p>"


async def address(dashboard: Dashboard, snapshot: Snapshot, side: str) -> str:
    """The path of a preview, below the base path."""
    digest = snapshot.content_hash if side == "served" else snapshot.raw_hash
    return f"/previews/{await dashboard.sign(_PURPOSE, digest.hex())}"


@routes.get("/previews/{token}")
async def show(request: Request, token: str) -> Response:
    """The document; 404 for an address that is no permission, or none any more."""
    given = await dashboard_of(request).unsign(_PURPOSE, token, _SECONDS)
    if given is None:
        raise not_found()
    try:
        content = await dashboard_of(request).snapshots.body(bytes.fromhex(given))
    except SnapshotStoreError:
        content = None
    try:
        shown = _GONE if content is None else await confined(harmless, content)
    except TooMuchError:
        shown = _TOO_MUCH
    return Response(shown, headers=HEADERS, media_type="text/html; charset=utf-8")
