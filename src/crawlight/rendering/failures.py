"""What the errors of a browser mean to who wanted the page."""

from crawlight.kit.net import BlockedAddressError
from crawlight.rendering.result import RenderError


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
