"""Structured data needs a vocabulary and a type, or it says nothing."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Blocks of JSON-LD without ``@context`` or ``@type``."""
    unread = page.structured_data.unread
    return found("Search engines find nothing in a block of structured data.", unread) if unread else None


CHECK = Check(
    id="json-ld-context",
    title="Structured data names no vocabulary or no type",
    severity="error",
    fix='Begin each block with "@context": "https://schema.org" and an "@type".',
    guidance=Guidance("https://developers.google.com/search/docs/appearance/structured-data/sd-policies"),
    find=find,
)
