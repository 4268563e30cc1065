"""Crawlers read a page up to a limit."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.reading import MAX_BYTES


def find(page: Page) -> Found | None:
    """A document beyond what Googlebot reads; the audit leaves the rest out, too."""
    sizes = [one.read.size for one in (page.document, page.raw) if one is not None and one.read.cut]
    if not sizes:
        return None
    return found(f"The HTML has {max(sizes):,} bytes; what is after the first {MAX_BYTES:,} is not read.")


CHECK = Check(
    id="document-size",
    title="The HTML is too large",
    severity="error",
    fix="Move data, styles and images out of the HTML into files of their own, or split the page.",
    guidance=Guidance("https://developers.google.com/search/blog/2026/03/crawler-blog-post"),
    find=find,
)
