"""Bytes that are no text show as replacement characters."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Bytes that do not fit the declared encoding, and NUL characters."""
    read = (page.raw or page.document).read
    if not read.broken:
        return None
    return found(f"{plural(read.broken, 'place')} where the bytes are no {read.encoding.upper()} text.")


CHECK = Check(
    id="document-encoding",
    title="The HTML has broken characters",
    severity="warning",
    fix=(
        "Save and send the page as UTF-8, and declare it in the header or in a meta element with charset "
        "at the start."
    ),
    guidance=Guidance("https://www.w3.org/International/questions/qa-html-encoding-declarations"),
    find=find,
)
