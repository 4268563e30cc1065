"""What a crawler without JavaScript gets has the page's links."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_SHARE = 50
"""Percent of the rendered links."""


def find(page: Page) -> Found | None:
    """Less than half of the links are in the HTML that the site ships."""
    if page.raw is None:
        return None
    rendered, raw = sum(1 for _, href in page.document.anchors if href), page.raw.links
    if 100 * raw >= _SHARE * rendered:
        return None
    return found(f"The raw HTML has {raw:,} of {rendered:,} links.")


CHECK = Check(
    id="raw-links",
    title="Most links appear only once JavaScript runs",
    severity="notice",
    fix=("Render the links on the server; crawlers that run no scripts find them only in prerendered pages."),
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
