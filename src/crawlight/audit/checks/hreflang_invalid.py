"""hreflang takes ISO codes and absolute URLs."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.languages import is_hreflang
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Codes that are none, and relative addresses."""
    wrong = [one.snippet for one in page.alternates if not is_hreflang(one.code) or not _absolute(one.href)]
    return found("An alternate link has an unknown code or a relative address.", wrong) if wrong else None


def _absolute(href: str) -> bool:
    return href.lower().startswith(("http://", "https://"))


CHECK = Check(
    id="hreflang-invalid",
    title="Links to other languages are not valid",
    severity="error",
    fix=(
        "Use a language code of ISO 639-1, a country code of ISO 3166-1 after a hyphen where wanted, and "
        "addresses in full."
    ),
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=find,
)
