"""Search engines read most metadata in the head only."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_NAMES = ("description",)


def find(page: Page) -> Found | None:
    """A title, description, canonical link, language version or base that the parser put into the body."""
    document = page.document
    links = [link for rel in ("canonical", "alternate") for link in document.links(rel)]
    lost = [
        link.snippet
        for link in links
        if not link.in_head and (link.get("hreflang") or _is_canonical(link.get("rel")))
    ]
    lost += [meta.snippet for name in _NAMES for meta in document.metas(name) if not meta.in_head]
    lost += [one.snippet for one in document.of("title", "base") if not one.in_head]
    if not lost:
        return None
    end = f" The head ends at {document.head_end}." if document.head_end else ""
    return found(f"What belongs in the head stands in the body, where search engines ignore it.{end}", lost)


def _is_canonical(rel: str) -> bool:
    return "canonical" in rel.lower().split()


CHECK = Check(
    id="head-ended",
    title="Metadata stands outside the head",
    severity="error",
    fix="Move it into the head, before any element that does not belong there, such as img, iframe or div.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/valid-page-metadata"),
    find=find,
)
