"""Links between one's own pages are meant to be followed."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """Links to other pages of the domain with rel nofollow; those with a query are often meant so, such as a cart's."""
    wrong = [
        link.snippet
        for link, url in page.links
        if "nofollow" in link.get("rel").lower() and "?" not in url and page.is_page(url)
    ]
    return found(f"{plural(len(wrong), 'link')} within the site with nofollow.", wrong) if wrong else None


CHECK = Check(
    id="links-nofollow",
    title="Links within the site are not to be followed",
    severity="notice",
    fix="Take rel nofollow off links to pages that are meant to be found; keep crawlers off others by robots.txt.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/qualify-outbound-links"),
    find=find,
)
