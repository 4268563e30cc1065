"""Crawlers follow a elements with an href that is a URL."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.document import Element
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural

_OF_LINKS = ("target", "download", "ping", "rel", "hreflang", "type", "referrerpolicy", "onclick")
"""Attributes that make sense on a link only (HTML, the a element)."""


def find(page: Page) -> Found | None:
    """Links that only a script can follow."""
    wrong = [link.snippet for link, href in page.document.anchors if not href and _is_for_scripts(link)]
    wrong += [
        link.snippet
        for link, url in page.links
        if url[:4] != "http"
        and (not url or url.startswith(("javascript:", "file:")))
        and not (link.get("role") or link.get("name"))
    ]
    verb = "is" if len(wrong) == 1 else "are"
    return found(f"{plural(len(wrong), 'link')} {verb} for scripts only.", wrong) if wrong else None


def _is_for_scripts(link: Element) -> bool:
    if link.has("href") or any(link.get(name) for name in ("role", "name", "id")):
        return False
    return any(link.has(name) for name in _OF_LINKS)


CHECK = Check(
    id="links-crawlable",
    title="Links cannot be followed by crawlers",
    severity="warning",
    fix="Give each link an href with a real address; a script may still handle the click.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=find,
)
