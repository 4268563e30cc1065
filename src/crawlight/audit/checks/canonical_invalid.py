"""A canonical link is one absolute URL."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """Relative or unreadable addresses, or several different ones."""
    links = [link for link in page.canonicals if link.get("href")]
    wrong = [link for link in links if split_url(link.get("href")) is None]
    if wrong:
        return found("The canonical address is no absolute URL.", (link.snippet for link in wrong))
    if len({link.get("href") for link in links}) > 1:
        return found("There are several canonical addresses.", (link.snippet for link in links))
    return None


CHECK = Check(
    id="canonical-invalid",
    title="The canonical link is not valid",
    severity="error",
    fix="Name one canonical address, in full, beginning with https://.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=find,
)
