"""A link without text tells nothing about its target."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Links to other pages without text, label, or an image with alternative text."""
    wrong = [
        link.snippet
        for link in page.followed_links
        if not any((link.text, link.get("aria-label"), link.get("aria-labelledby"), link.get("title")))
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
