"""Rich results have required properties."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Nodes of the common types without what Google requires of them."""
    missing = page.structured_data.missing
    return found("Structured data lacks required properties.", missing) if missing else None


CHECK = Check(
    id="structured-data",
    title="Structured data is incomplete",
    severity="warning",
    fix="Add the missing properties, or the type earns no rich result.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/structured-data/search-gallery"),
    find=find,
)
