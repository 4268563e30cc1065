"""What a crawler without JavaScript gets has the page's title."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.text import quoted


def find(page: Page) -> Found | None:
    """The title of the HTML that the site ships is missing or another one."""
    if page.raw is None or not page.title:
        return None
    raw = page.raw.title
    if raw == page.title:
        return None
    text = f"The title in the raw HTML is {quoted([raw])}." if raw else "The raw HTML has no title."
    return found(text, [raw] if raw else [])


CHECK = Check(
    id="raw-title",
    title="The title changes once JavaScript runs",
    severity="notice",
    fix=(
        "Write the title into the HTML on the server; crawlers that run no scripts see it only in "
        "prerendered pages."
    ),
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
