"""Links should not lead to pages that are gone. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="broken-links",
    title="Links lead to pages that are gone",
    severity="warning",
    fix="Link to where the page is now, or take the link out.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=None,
)
