"""A page needs a title."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No title element, or one without text."""
    if page.title:
        return None
    titles = page.document.of("title")
    return found("The title element is empty." if titles else "There is no title element.")


CHECK = Check(
    id="title-missing",
    title="The page has no title",
    severity="error",
    fix="Put a title element into the head that says what this page, and no other of the site, is about.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/title-link"),
    find=find,
)
