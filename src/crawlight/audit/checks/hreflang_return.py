"""Language versions have to name each other. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="hreflang-return",
    title="A language version does not link back",
    severity="warning",
    fix="Have every language version list all versions, itself included: links in one direction are ignored.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=None,
)
