"""Descriptions are cut in search results by their width."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.widths import width

_LEAST = 400
_MOST = 1000
"""Pixels at 14 px Arial, over the two lines that desktop results have. Google names no number."""


def find(page: Page) -> Found | None:
    """A meta description that would be cut, or that is so short that search engines take other text."""
    if not page.description:
        return None
    pixels = width(page.description, 14)
    if pixels > _MOST:
        return found(
            f"The description is {pixels:,} pixels wide; from {_MOST:,} on it is cut.", [page.description]
        )
    if pixels < _LEAST:
        return found(f"The description is only {pixels} pixels wide.", [page.description])
    return None


CHECK = Check(
    id="description-width",
    title="The meta description is too long or too short",
    severity="notice",
    fix="Sum the page up in 70 to 155 characters, the most important words first.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/snippet"),
    find=find,
)
