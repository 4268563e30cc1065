"""A document has one description."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """More than one meta description with text."""
    metas = [meta for meta in page.document.metas("description") if meta.get("content")]
    if len(metas) < 2:
        return None
    return found(f"There are {plural(len(metas), 'meta description')}.", (meta.snippet for meta in metas))


CHECK = Check(
    id="descriptions-several",
    title="The page has several meta descriptions",
    severity="notice",
    fix="Leave one meta description in the head; often a library adds a second one.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/snippet"),
    find=find,
)
