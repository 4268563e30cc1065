"""Language versions have to exist. Found where pages are stored."""

from crawlight.audit.check import Check
from crawlight.audit.guidance import Guidance

CHECK = Check(
    id="hreflang-broken",
    title="A language version is gone or cannot be indexed",
    severity="warning",
    fix="Name pages as language versions that answer with 200 and may be indexed.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=None,
)
