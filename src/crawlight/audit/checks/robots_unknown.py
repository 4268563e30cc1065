"""A robots rule that no search engine knows is ignored."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import ALL, SEARCH_BOTS
from crawlight.audit.text import quoted


def find(page: Page) -> Found | None:
    """Rules that are misspelled, or whose value is none."""
    wrong = [
        rule for rule in page.directives if (rule.bot in ALL or rule.bot in SEARCH_BOTS) and not rule.is_read
    ]
    if not wrong:
        return None
    rules = list(dict.fromkeys(rule.rule for rule in wrong))
    return found(f"No search engine reads {quoted(rules)}.", {rule.source: None for rule in wrong})


CHECK = Check(
    id="robots-unknown",
    title="A robots rule is not known",
    severity="warning",
    fix="Write the rule as it is documented, rules apart by commas, and dates in ISO 8601.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"),
    find=find,
)
