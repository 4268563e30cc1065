"""Search engines take a refresh to another address for a redirect."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.document import joined
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_TARGET = re.compile(r"\s*\d*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)


def find(page: Page) -> Found | None:
    """A meta refresh that leads to another page."""
    for meta in page.document.of("meta"):
        match = _TARGET.match(meta.get("content")) if meta.get("http-equiv").lower() == "refresh" else None
        target = joined(page.base, match[1].strip()).partition("#")[0] if match else ""
        if target and target != page.url.partition("#")[0]:
            return found("A meta refresh leads to another address.", [meta.snippet])
    return None


CHECK = Check(
    id="meta-refresh",
    title="The page sends people on by meta refresh",
    severity="warning",
    fix="Have the server redirect with status 301 or 302, or remove the refresh.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/301-redirects"),
    find=find,
)
