"""The canonical page has to exist. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="canonical-broken",
    title="The canonical page is gone or cannot be indexed",
    severity="error",
    fix="Name a page as canonical that answers with 200 and may be indexed.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=None,
)
