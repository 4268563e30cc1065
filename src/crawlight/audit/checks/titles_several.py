"""A document has one title."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """More than one title element."""
    titles = page.document.of("title")
    if len(titles) < 2:
        return None
    return found(f"There are {plural(len(titles), 'title element')}.", (title.snippet for title in titles))


CHECK = Check(
    id="titles-several",
    title="The page has several titles",
    severity="warning",
    fix="Leave one title element in the head; often a library adds a second one.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/title-link"),
    find=find,
)
