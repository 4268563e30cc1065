"""What is shared should be the canonical address."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.document import joined
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.urls import split_url


def find(page: Page) -> Found | None:
    """og:url with another address, on a page that names itself as canonical."""
    metas = [meta for meta in page.document.metas("og:url") if meta.get("content")]
    own, shared = (
        split_url(page.canonical),
        split_url(joined(page.base, metas[0].get("content"))) if metas else None,
    )
    if own is None or own != page.own or shared in (None, own):
        return None
    return found("og:url and the canonical link name different addresses.", [metas[0].snippet])


CHECK = Check(
    id="og-url",
    title="og:url is not the canonical address",
    severity="notice",
    fix="Write the canonical address into og:url.",
    guidance=Guidance("https://ogp.me/"),
    find=find,
)
