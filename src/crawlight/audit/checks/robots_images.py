"""Results with a picture get more clicks, and Discover needs large ones."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE

_SILENT = ("noimageindex", "max-image-preview:none")


def find(page: Page) -> Found | None:
    """``noimageindex`` or ``max-image-preview:none`` on a page that may be indexed."""
    sources = {
        rule.source: None
        for rule in page.directives
        if rule.rule.replace(" ", "") in _SILENT and rule.bot in GOOGLE
    }
    if not sources or page.is_blocked:
        return None
    return found("A robots rule keeps the images of the page out of search results.", sources)


CHECK = Check(
    id="robots-images",
    title="Search results may show no images of the page",
    severity="notice",
    fix="Remove noimageindex, and write max-image-preview:large, if the images are meant to be found.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
)
