"""HTML beyond the limits that browsers and crawlers may set, and this audit does."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Elements nested so deeply, or with so many attributes, that the audit left off there; or all too much."""
    if page.unread:
        part = "The HTML that the site ships" if page.unread == "raw_html" else "The HTML"
        return found(f"{part} takes too much time or memory to read; nothing of it is judged.")
    documents = [one for one in (page.document, page.raw) if one is not None]
    reasons = [one.read.hostile for one in documents if one.read.hostile]
    if not reasons and any(one.crowded for one in documents):
        reasons = ["There are more links and images than any page has"]
    return found(f"{reasons[0]}; what comes after that is not read.") if reasons else None


CHECK = Check(
    id="document-structure",
    title="The HTML cannot be read to its end",
    severity="error",
    fix="Find the template or script that repeats an element or attribute without end.",
    guidance=Guidance("https://html.spec.whatwg.org/multipage/infrastructure.html#conformance-classes"),
    find=find,
)
