"""What a crawler without JavaScript gets names the same canonical address."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.references import canonicals


def find(page: Page) -> Found | None:
    """The HTML that the site ships names another canonical address than the rendered page."""
    if page.raw is None or not page.canonical:
        return None
    head = page.raw.head
    raw = [one for one in canonicals(head, "", head.base(page.url), page.url) if one.href]
    if not raw or any(one.url == page.canonical for one in raw):
        return None
    return found("The raw HTML names another canonical URL.", (one.snippet for one in raw))


CHECK = Check(
    id="raw-canonical",
    title="The canonical URL changes once JavaScript runs",
    severity="notice",
    fix="Write the same canonical link into the HTML on the server, or none.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/javascript/javascript-seo-basics"
    ),
    find=find,
)
