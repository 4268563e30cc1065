"""The canonical address of a page over HTTPS is one over HTTPS."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page, is_secure


def find(page: Page) -> Found | None:
    """A page over HTTPS that names an address over plain HTTP."""
    if not is_secure(page.url) or not page.canonical.startswith("http:"):
        return None
    return found("The canonical address begins with http://.", (one.snippet for one in page.canonicals))


CHECK = Check(
    id="canonical-http",
    title="The canonical address is not HTTPS",
    severity="warning",
    fix="Name the canonical address with https://.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=find,
)
