"""What a crawler without JavaScript gets may be indexed, too."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import GOOGLE, directives


def find(page: Page) -> Found | None:
    """The HTML that the site ships says noindex, the rendered page does not: Google may not render it at all."""
    if page.raw is None or page.is_blocked:
        return None
    rules = [rule for rule in directives(page.raw.head, "") if rule.blocks and rule.bot in GOOGLE]
    return found("The raw HTML says noindex.", (rule.source for rule in rules)) if rules else None


CHECK = Check(
    id="raw-robots",
    title="The raw HTML keeps the page out of search results",
    severity="warning",
    fix="Remove noindex from the HTML on the server: a crawler that sees it may not run the script that removes it.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
