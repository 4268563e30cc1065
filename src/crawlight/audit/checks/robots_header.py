"""An X-Robots-Tag header with noindex keeps the page out of the index."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE


def find(page: Page) -> Found | None:
    """``noindex`` or ``none`` for all crawlers, or for Googlebot."""
    sources = {
        rule.source: None for rule in page.directives if rule.blocks and rule.header and rule.bot in GOOGLE
    }
    return found("The HTTP header X-Robots-Tag says noindex.", sources) if sources else None


CHECK = Check(
    id="robots-header",
    title="An HTTP header keeps the page out of search results",
    severity="error",
    fix="Have the server send no X-Robots-Tag with noindex for this page if it is meant to be found.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
    blocks=True,
)
