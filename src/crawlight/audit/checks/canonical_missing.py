"""A canonical link says under which address a page is to be found."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No canonical address: neither one that search engines read, nor one that another issue is about."""
    named = [link for link in page.document.links("canonical") if link.get("href")]
    if named or any(one.href for one in page.canonicals):
        return None
    return found("There is no canonical link.", (one.snippet for one in page.canonicals))


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
