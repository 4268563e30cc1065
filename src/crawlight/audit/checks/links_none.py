"""A page without links is a dead end for crawlers and people."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No link that crawlers follow to another page."""
    if any(page.is_followed(link, url) for link, url in page.links):
        return None
    return found("No link leads from the page to another one.")


CHECK = Check(
    id="links-none",
    title="The page links to no other page",
    severity="notice",
    fix="Link to the pages that belong to this one, at least to the start page.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=find,
)
