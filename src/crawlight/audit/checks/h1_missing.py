"""A page has a main heading."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No h1, or none with text (or an image with alt text) in it."""
    headings = page.document.of("h1")
    if any(heading.text for heading in headings):
        return None
    text = "The h1 is empty." if headings else "There is no h1."
    return found(text, (heading.snippet for heading in headings))


CHECK = Check(
    id="h1-missing",
    title="The page has no main heading",
    severity="warning",
    fix="Put the page's main heading into an h1 element.",
    guidance=Guidance("https://web.dev/articles/headings-and-landmarks"),
    find=find,
)
