"""Links within a site over HTTPS lead to its pages over HTTPS."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page, is_secure
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """Links by plain HTTP to pages of the domain itself, which is served over HTTPS."""
    if not is_secure(page.url):
        return None
    wrong = [
        link.snippet for link, url in page.links if url.startswith("http:") and page.path_of(url) is not None
    ]
    return (
        found(f"{plural(len(wrong), 'link')} to pages of the site by plain HTTP.", wrong) if wrong else None
    )


CHECK = Check(
    id="links-http",
    title="Links within the site use plain HTTP",
    severity="notice",
    fix="Begin the addresses with https://, so that no redirect stands between.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=find,
)
