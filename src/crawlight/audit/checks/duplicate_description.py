"""Two pages of a site should not have the same meta description. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="duplicate-description",
    title="Other pages have the same meta description",
    severity="notice",
    fix="Write a description for each page of its own; leave it out where there is nothing particular to say.",
    guidance=Guidance("https://developers.google.com/search/docs/appearance/snippet"),
    find=None,
)
