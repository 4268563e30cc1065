"""A canonical link says under which address a page is to be found."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No canonical link with an address."""
    if any(link.get("href") for link in page.canonicals):
        return None
    return found("There is no canonical link.", (link.snippet for link in page.canonicals))


CHECK = Check(
    id="canonical-missing",
    title="The page names no canonical address",
    severity="notice",
    fix="Add a link element with rel canonical and the full address of the page to the head.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=find,
)
