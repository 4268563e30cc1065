"""Bing has a rule of its own for what its answers may use: announced on its blog for webmasters in September 2023."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import BING


def find(page: Page) -> Found | None:
    """``noarchive`` or ``nocache`` for all crawlers or for Bing's."""
    rules = [rule for rule in page.directives if rule.rule in ("noarchive", "nocache") and rule.bot in BING]
    if not rules or page.is_blocked:
        return None
    limit = "nothing" if any(rule.rule == "noarchive" for rule in rules) else "title and snippet only"
    return found(
        f"Copilot may use {limit} of the page for its answers.", {rule.source: None for rule in rules}
    )


CHECK = Check(
    id="bing-answers",
    title="Copilot may not answer from the page",
    severity="notice",
    fix="Remove noarchive and nocache if the page is meant to be used in the answers of Bing and Copilot.",
    guidance=Guidance(
        "https://www.bing.com/webmasters/help/which-robots-metatags-does-bing-support-5198d240"
    ),
    find=find,
)
