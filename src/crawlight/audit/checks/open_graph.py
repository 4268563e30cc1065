"""Open Graph says how a link to the page looks where it is shared."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_WANTED = ("og:title", "og:type", "og:url", "og:image")


def find(page: Page) -> Found | None:
    """Basic properties that are missing."""
    missing = [name for name in _WANTED if not page.document.meta(name)]
    return found(f"Missing: {', '.join(missing)}.") if missing else None


CHECK = Check(
    id="open-graph",
    title="Open Graph properties are missing",
    severity="notice",
    fix="Add meta elements with the properties og:title, og:type, og:url and og:image.",
    guidance=Guidance("https://ogp.me/"),
    find=find,
)
