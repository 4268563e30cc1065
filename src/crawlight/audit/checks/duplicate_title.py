"""Two pages of a site should not have the same title. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="duplicate-title",
    title="Other pages have the same title",
    severity="warning",
    fix="Give each page a title of its own, so that people can tell them apart in search results.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/title-link"),
    find=None,
)
