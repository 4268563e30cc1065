"""The text of a link says what is behind it."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.link_texts import says_nothing
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """Links to other pages with a text that fits any page."""
    roots = page.document.of("html")
    lang = roots[0].get("lang").lower().partition("-")[0] if roots else ""
    wrong = [
        link.snippet
        for link, url in page.links
        if says_nothing(link.text, lang) and page.is_followed(link, url)
    ]
    return found(f"{plural(len(wrong), 'link text')} could stand for any page.", wrong) if wrong else None


CHECK = Check(
    id="link-text",
    title="Link texts say nothing",
    severity="warning",
    fix="Name in the link text what the linked page is about, instead of “read more” or “here”.",
    guidance=Guidance("https://developer.chrome.com/docs/lighthouse/seo/link-text"),
    find=find,
)
