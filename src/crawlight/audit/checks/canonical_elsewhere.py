"""A page that names another one as canonical is left to that one."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """One canonical URL, of another page."""
    target, own = split_url(page.canonical), page.own
    if target is None or own is None or target == own:
        return None
    where = "another page" if target[0] == own[0] else f"another host, {target[0]}"
    return found(f"The canonical link names {where}.", (one.snippet for one in page.canonicals))


CHECK = Check(
    id="canonical-elsewhere",
    title="The page names another page as canonical",
    severity="error",
    fix="Have the page name its own address as canonical if it is meant to be found itself.",
    guidance=Guidance(
        "https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls"
    ),
    find=find,
    blocks=True,
)
