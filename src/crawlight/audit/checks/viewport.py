"""Without a viewport, phones show the page in the width of a desktop."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """No viewport meta element with a width or an initial scale."""
    metas = page.document.metas("viewport")
    if any("width" in (text := meta.get("content").lower()) or "initial-scale" in text for meta in metas):
        return None
    text = "The viewport names no width." if metas else "There is no viewport meta element."
    return found(text, (meta.snippet for meta in metas))


CHECK = Check(
    id="viewport",
    title="The page is not made for phones",
    severity="warning",
    fix="Add a meta element named viewport with the content width=device-width, initial-scale=1.",
    guidance=Guidance("https://developer.chrome.com/docs/lighthouse/best-practices/viewport"),
    find=find,
)
