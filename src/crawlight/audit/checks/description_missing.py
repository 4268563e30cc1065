"""A page should have a meta description."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No meta description, or one without text."""
    if page.description:
        return None
    metas = page.document.metas("description")
    text = "The meta description is empty." if metas else "There is no meta description."
    return found(text, (meta.snippet for meta in metas))


CHECK = Check(
    id="description-missing",
    title="The page has no meta description",
    severity="warning",
    fix="Add a meta element with the name description that sums up the page in one or two sentences.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/snippet"),
    find=find,
)
