"""What a crawler without JavaScript gets has the page's links."""

from crawlight.audit.check import Check, Found, Guidance, found
from crawlight.audit.document import Document
from crawlight.audit.page import Page

_SHARE = 50
"""Percent of the rendered links."""


def find(page: Page) -> Found | None:
    """Less than half of the links are in the HTML that the site ships."""
    if page.raw is None:
        return None
    rendered, raw = _links(page.document), _links(page.raw)
    if 100 * raw >= _SHARE * rendered:
        return None
    return found(f"Without JavaScript {raw:,} of {rendered:,} links are there.")


def _links(document: Document) -> int:
    return sum(1 for link in document.of("a") if link.get("href"))


CHECK = Check(
    id="raw-links",
    title="Without JavaScript most of the links are missing",
    severity="notice",
    fix=("Render the links on the server; crawlers that run no scripts find them only in prerendered pages."),
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
