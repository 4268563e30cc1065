"""Each language version lists itself, too."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """Alternate links with hreflang, none of which is the page itself."""
    targets = {split_url(one.url) for one in page.alternates}
    if not targets or page.own in targets:
        return None
    return found("No alternate link leads to the page itself.", (one.snippet for one in page.alternates))


CHECK = Check(
    id="hreflang-self",
    title="The page is missing from its language versions",
    severity="warning",
    fix="Add an alternate link for the page itself, with its own language.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=find,
)
