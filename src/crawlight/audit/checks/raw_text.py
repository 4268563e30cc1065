"""What a crawler without JavaScript gets has the page's text."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_LEAST = 50
"""Words of the rendered page below which there is nothing to compare."""
_SHARE = 50
"""Percent of the rendered words."""


def find(page: Page) -> Found | None:
    """Less than half of the words are in the HTML that the site ships."""
    if page.raw is None:
        return None
    rendered, raw = page.document.words, page.raw.words
    if rendered < _LEAST or 100 * raw >= _SHARE * rendered:
        return None
    share = 100 * raw // rendered
    return found(f"The raw HTML has {raw:,} of {rendered:,} words ({share} %).")


CHECK = Check(
    id="raw-text",
    title="Most of the text appears only once JavaScript runs",
    severity="notice",
    fix="Render the text on the server; crawlers that run no scripts see it only in prerendered pages.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
