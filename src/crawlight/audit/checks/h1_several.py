"""One main heading says best what a page is about."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """More than one h1."""
    headings = page.document.of("h1")
    if len(headings) < 2:
        return None
    return found(f"There are {plural(len(headings), 'h1')}.", (heading.snippet for heading in headings))


CHECK = Check(
    id="h1-several",
    title="The page has several main headings",
    severity="notice",
    fix="Keep the h1 that names the page, and make the others h2.",
    guidance=Guidance("https://web.dev/articles/headings-and-landmarks"),
    find=find,
)
