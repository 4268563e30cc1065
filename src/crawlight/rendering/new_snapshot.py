"""A render becomes what is stored of a page, or is refused: not every answer is one for crawlers."""

from typing import Final

from crawlight.domains.sites import Site
from crawlight.rendering.circles import page_of
from crawlight.rendering.contract import Rendered, RenderError
from crawlight.rendering.snapshots import NewSnapshot

GONE: Final = frozenset({404, 410})
_KEPT_HEADERS: Final = frozenset({"x-robots-tag", "link", "content-language"})


def new_snapshot(site: Site, path: str, rendered: Rendered) -> NewSnapshot:
    """What is stored of a render. Raises RenderError for what is no page to crawlers."""
    status = rendered.status
    if rendered.reason == "meta" and 400 <= status <= 499:
        status = 404  # Edge workers hand on a 404; the origin answers 410 only where it says so itself.
    if rendered.location is not None:
        _refuse_loop(site, path, rendered.location)
    elif 200 <= status <= 299:
        status = 200
    elif status not in GONE:
        raise RenderError("upstream_4xx", f"the origin answered {status}", status=status)
    kept = {name: text for name, text in rendered.headers.items() if name in _KEPT_HEADERS}
    return NewSnapshot(
        status=status,
        html=rendered.html,
        raw_html=rendered.raw_html,
        location=rendered.location,
        headers={**kept, **rendered.meta_headers},
        milliseconds=rendered.milliseconds,
        complete=rendered.complete,
        reason=rendered.reason,
    )


def _refuse_loop(site: Site, path: str, location: str) -> None:
    """Hops between http and https, www and bare host lead to the same page: never a redirect."""
    if page_of(site, location) == path:
        raise RenderError("redirect_loop", "the page redirects to itself")
