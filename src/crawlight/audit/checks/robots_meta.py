"""A robots meta element with noindex keeps the page out of the index."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE


def find(page: Page) -> Found | None:
    """``noindex`` or ``none`` for all crawlers, or for Googlebot."""
    sources = [
        rule.source for rule in page.directives if rule.blocks and not rule.header and rule.bot in GOOGLE
    ]
    return found("A robots meta element says noindex.", sources) if sources else None


CHECK = Check(
    id="robots-meta",
    title="A meta element keeps the page out of search results",
    severity="error",
    fix="Remove noindex from the robots meta element if the page is meant to be found.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
    blocks=True,
)
