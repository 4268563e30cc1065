"""JSON-LD that does not parse is ignored as a whole."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Blocks of JSON-LD that are not JSON."""
    errors = page.structured_data.errors
    return found("A block of structured data is not valid JSON.", errors) if errors else None


CHECK = Check(
    id="json-ld-syntax",
    title="Structured data does not parse",
    severity="error",
    fix="Mend the JSON: most often a comma too many, a quotation mark inside a text, or a line break.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/structured-data/sd-policies"),
    find=find,
)
