"""What the errors of a browser mean to who wanted the page."""

from typing import Final

from crawlight.kit.addresses import BlockedAddressError
from crawlight.rendering.contract import RenderError

_BY_PAGE: Final = frozenset({"net::ERR_ABORTED", "net::ERR_HTTP_RESPONSE_CODE_FAILURE"})
"""How a document ends that its page leaves, and one that has no body: no failures of the network."""


def body_failure(error: str) -> RenderError | None:
    """Why the body of a document did not come whole: cut off, or not encoded as its head says."""
    if error in _BY_PAGE:
        return None
    return RenderError("unreachable", f"the page did not come whole: {error.removeprefix('net::')}")


def navigation_failure(error: str, problem: OSError | None, *, download: bool) -> RenderError:
    """Why a navigation failed: the browser's error, and what the way to the network says of it."""
    if isinstance(problem, BlockedAddressError):
        return RenderError("blocked_address", str(problem))
    if download:
        return RenderError("download", "the URL is a download, no page")
    if error == "net::ERR_TOO_MANY_REDIRECTS":
        return RenderError("redirect_loop", "the origin redirects in a circle")
    if error in ("net::ERR_ABORTED", "net::ERR_INVALID_RESPONSE"):
        return RenderError("no_html", "the URL is no page")
    return RenderError("unreachable", str(problem) if problem else error.removeprefix("net::"))
