"""A link without text tells nothing about its target."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural

_LABELS = ("aria-label", "aria-labelledby", "title")


def find(page: Page) -> Found | None:
    """Links to other pages without text, label, or an image with alternative text."""
    wrong = [
        link.snippet
        for link, url in page.links
        if not link.text and not any(map(link.get, _LABELS)) and page.is_followed(link, url)
    ]
    return found(f"{plural(len(wrong), 'link')} without text.", wrong) if wrong else None


CHECK = Check(
    id="link-empty",
    title="Links have no text",
    severity="notice",
    fix="Put text into the link, or an alt text on the image in it.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/links-crawlable#write-good-anchor-text"
    ),
    find=find,
)
