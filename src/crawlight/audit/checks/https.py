"""Pages are served over HTTPS."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page, is_secure


def find(page: Page) -> Found | None:
    """The page's URL is not https."""
    return None if is_secure(page.url) else found("The page is served over plain HTTP.", [page.url])


CHECK = Check(
    id="https",
    title="The page is not served over HTTPS",
    severity="warning",
    fix="Serve the site over HTTPS and redirect http addresses there.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/page-experience"),
    find=find,
)
