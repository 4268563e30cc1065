"""Crawlers are led through a site by its links."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE


def find(page: Page) -> Found | None:
    """``nofollow`` for all crawlers or for Googlebot, on a page that may be indexed."""
    sources = {
        rule.source: None for rule in page.directives if rule.rule == "nofollow" and rule.bot in GOOGLE
    }
    if not sources or page.is_blocked:
        return None
    return found("A robots rule keeps crawlers from following the links of the page.", sources)


CHECK = Check(
    id="robots-nofollow",
    title="Crawlers may not follow the page's links",
    severity="warning",
    fix="Remove nofollow from the robots rule; mark single links with rel nofollow where one is not to be followed.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
)
