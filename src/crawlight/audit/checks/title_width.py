"""Titles are cut in search results by their width, not by their characters."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.text import quoted
from crawlight.audit.widths import width

_LEAST = 200
_MOST = 600
"""Pixels at 20 px Arial, as desktop results show titles. Google names no number: the list is 600 px wide."""


def find(page: Page) -> Found | None:
    """A title that would be cut, or that is so short that it can say little."""
    if not page.title:
        return None
    pixels = width(page.title, 20)
    if pixels > _MOST:
        return found(f"The title is {pixels} pixels wide; from {_MOST} on it is cut.", [page.title])
    if pixels < _LEAST:
        return found(f"The title {quoted([page.title])} is only {pixels} pixels wide.", [page.title])
    return None


CHECK = Check(
    id="title-width",
    title="The title is too long or too short",
    severity="warning",
    fix="Say in 30 to 60 characters what the page is about, the most important words first.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/title-link"),
    find=find,
)
