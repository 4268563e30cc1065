"""A page with hardly any text has little to be found by."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural

_LEAST = 100
"""Words. Google names no number; below this a page is mostly frame."""


def find(page: Page) -> Found | None:
    """Too few words outside of navigation, header, footer and asides."""
    words = page.document.main_words
    return found(f"The main content has {plural(words, 'word')}.") if words < _LEAST else None


CHECK = Check(
    id="thin-content",
    title="The page has little text",
    severity="warning",
    fix=(
        "Write what visitors come for into the page as text; what stands in images or is loaded on a "
        "click is not read."
    ),
    guidance=Guidance("https://developers.google.com/search/docs/fundamentals/creating-helpful-content"),
    find=find,
)
