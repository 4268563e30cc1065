"""Bytes that are no text show as replacement characters."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


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
        "Save the page as UTF-8, and declare that in a meta element with charset within the first 1,024 "
        "bytes. A header that names an encoding has to name the same."
    ),
    guidance=Guidance("https://www.w3.org/International/questions/qa-html-encoding-declarations"),
    find=find,
)
