"""X shows the card that the page names; of one that names none it may make a small one from Open Graph."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_KINDS = ("summary", "summary_large_image", "app", "player")


def find(page: Page) -> Found | None:
    """No twitter:card, or a kind that does not exist."""
    kind = page.document.meta("twitter:card")
    if kind.lower() in _KINDS:
        return None
    text = f"There is no card of the kind “{kind[:40]}”." if kind else "There is no twitter:card."
    return found(text, (meta.snippet for meta in page.document.metas("twitter:card")))


CHECK = Check(
    id="twitter-card",
    title="The page names no card for X",
    severity="notice",
    fix="Add a meta element named twitter:card with the content summary or summary_large_image.",
    guidance=Guidance("https://developer.x.com/en/docs/x-for-websites/cards/overview/markup"),
    find=find,
)
