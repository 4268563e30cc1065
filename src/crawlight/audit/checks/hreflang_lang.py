"""A page is in the language that its own alternate link names."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.languages import is_hreflang
from crawlight.audit.page import Page
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """A language of the page's own alternate links that is not the one of the html element."""
    roots = page.document.of("html")
    lang = roots[0].get("lang").partition("-")[0].lower() if roots else ""
    versions = [one for one in page.alternates if is_hreflang(one.code) and one.code.lower() != "x-default"]
    own = [one for one in versions if split_url(one.url) == page.own]
    if not lang or not own or any(one.code.partition("-")[0].lower() == lang for one in own):
        return None
    return found(
        f"The html element says “{lang[:40]}”, the alternate link another language.",
        (one.snippet for one in own),
    )


CHECK = Check(
    id="hreflang-lang",
    title="The page's language is not that of its alternate link",
    severity="notice",
    fix="Write the same language into the lang attribute of the html element and into the alternate link.",
    guidance=Guidance("https://developers.google.com/search/docs/specialty/international/localized-versions"),
    find=find,
)
