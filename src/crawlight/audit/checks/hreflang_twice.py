"""Each language has one version."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.text import quoted


def find(page: Page) -> Found | None:
    """One language code with several addresses."""
    targets: dict[str, set[str]] = {}
    for one in page.alternates:
        targets.setdefault(one.code.lower(), set()).add(one.url)
    twice = [code for code, urls in targets.items() if len(urls) > 1]
    if not twice:
        return None
    elements = (one.snippet for one in page.alternates if one.code.lower() in twice)
    return found(f"Several pages are named for {quoted(twice)}.", elements)


CHECK = Check(
    id="hreflang-twice",
    title="A language has several versions",
    severity="warning",
    fix="Name one address for each code of language and country.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=find,
)
