"""Crawlers follow a elements with an href that is a URL."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.document import Element
from crawlight.audit.page import Page

_OF_LINKS = ("target", "download", "ping", "rel", "hreflang", "type", "referrerpolicy", "onclick")
"""Attributes that make sense on a link only (HTML, the a element)."""


def find(page: Page) -> Found | None:
    """Links that only a script can follow."""
    wrong = [link.snippet for link in page.document.of("a") if _is_no_link(link)]
    wrong += [link.snippet for link, url in page.links if _is_for_scripts(link, url)]
    verb = "is" if len(wrong) == 1 else "are"
    return found(f"{plural(len(wrong), 'link')} {verb} for scripts only.", wrong) if wrong else None


def _is_no_link(link: Element) -> bool:
    if "href" in link.attributes or any(link.get(name) for name in ("role", "name", "id")):
        return False
    return any(name in link.attributes for name in _OF_LINKS)


def _is_for_scripts(link: Element, url: str) -> bool:
    if link.get("role") or link.get("name"):
        return False
    return not url or url.startswith(("javascript:", "file:"))


CHECK = Check(
    id="links-crawlable",
    title="Links cannot be followed by crawlers",
    severity="warning",
    fix="Give each link an href with a real address; a script may still handle the click.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=find,
)
