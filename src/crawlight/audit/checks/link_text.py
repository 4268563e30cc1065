"""The text of a link says what is behind it."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.link_texts import says_nothing
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Links to other pages with a text that fits any page."""
    roots = page.document.of("html")
    lang = roots[0].get("lang").lower().partition("-")[0] if roots else ""
    wrong = [link.snippet for link in page.followed_links if says_nothing(link.text, lang)]
    return found(f"{plural(len(wrong), 'link text')} could stand for any page.", wrong) if wrong else None


CHECK = Check(
    id="link-text",
    title="Link texts say nothing",
    severity="warning",
    fix="Name in the link text what the linked page is about, instead of “read more” or “here”.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/links-crawlable#write-good-anchor-text"
    ),
    find=find,
)
