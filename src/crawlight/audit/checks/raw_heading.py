"""What a crawler without JavaScript gets has the main heading."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """The rendered page has an h1, the HTML that the site ships has none."""
    if page.raw is None or not page.document.of("h1") or page.raw.has_h1:
        return None
    return found("The raw HTML has no h1.", (one.snippet for one in page.document.of("h1")))


CHECK = Check(
    id="raw-heading",
    title="The main heading appears only once JavaScript runs",
    severity="notice",
    fix=("Render the heading on the server; crawlers that run no scripts see it only in prerendered pages."),
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
