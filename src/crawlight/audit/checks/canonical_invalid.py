"""A canonical link is one absolute URL."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.audit.references import is_narrowed
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """Relative or unreadable addresses, several different ones, or a link that search engines do not take for one."""
    named = [one for one in page.canonicals if one.href]
    if wrong := [one.snippet for one in named if split_url(one.href) is None]:
        return found("The canonical address is no absolute URL.", wrong)
    if len({one.url for one in named}) > 1:
        return found("There are several canonical addresses.", (one.snippet for one in named))
    if wrong := [one.snippet for one in named if "#" in one.href]:
        return found("The canonical address has a fragment, which search engines leave out.", wrong)
    narrowed = [link.snippet for link in page.document.head_links("canonical") if is_narrowed(link.get)]
    text = "A canonical link with hreflang, lang, media or type is ignored."
    return found(text, narrowed) if narrowed else None


CHECK = Check(
    id="canonical-invalid",
    title="The canonical link is not valid",
    severity="error",
    fix="Name one canonical address, in full, beginning with https://.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=find,
)
