"""A page that robots.txt disallows is not read."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.robots import may_crawl


def find(page: Page) -> Found | None:
    """Googlebot may not fetch the page's URL."""
    if may_crawl(page.robots_txt, "Googlebot", page.url):
        return None
    return found("robots.txt disallows this URL for Googlebot.")


CHECK = Check(
    id="robots-txt",
    title="robots.txt keeps crawlers away",
    severity="error",
    fix=(
        "Remove or narrow the Disallow rule in robots.txt that matches the URL if the page is meant to "
        "be found."
    ),
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/robots/intro"),
    find=find,
    blocks=True,
)
