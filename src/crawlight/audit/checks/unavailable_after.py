"""A page may name the day on which it leaves search results."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE


def find(page: Page) -> Found | None:
    """``unavailable_after`` with a date that has passed, for all crawlers or for Googlebot."""
    if page.now is None:
        return None
    past = {
        rule.source: rule.until
        for rule in page.directives
        if rule.bot in GOOGLE and rule.until is not None and rule.until <= page.now
    }
    if not past:
        return None
    day = min(past.values())
    return found(f"A robots rule takes the page out of search results since {day:%Y-%m-%d}.", past)


CHECK = Check(
    id="unavailable-after",
    title="The date until which the page may be found has passed",
    severity="error",
    fix="Remove unavailable_after from the robots meta element or the X-Robots-Tag header, or name a later date.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
    blocks=True,
)
