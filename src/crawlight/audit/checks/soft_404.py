"""An error page that answers with 200 is a soft 404."""

import re

from crawlight.audit.check import Check, Found, found, quoted
from crawlight.audit.guidance import Guidance
from crawlight.audit.not_found import NOT_FOUND
from crawlight.audit.page import Page

_MOST_WORDS = 300
"""An article about error pages has more."""
_MOST_HEADING = 80
"""Characters of a heading that says nothing else: a longer one tells a story about it."""

_WHOLE = re.compile(r"(?:error|http)?\W*404(?:\W*(?:error|page))?\W*(?:[-|–:].*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\b404\b.{0,20}\b(?:error|erreur|fehler|page)\b", re.IGNORECASE)


def find(page: Page) -> Found | None:
    """Status 200, little text, and a title or h1 that says there is no such page."""
    if page.status != 200 or page.document.main_words > _MOST_WORDS:
        return None
    heads = [page.title, *(heading.text for heading in page.document.of("h1"))]
    telling = [text for text in heads if _says_not_found(text)]
    return found(f"The page says {quoted(telling[:1])}, but answers with 200.", telling) if telling else None


def _says_not_found(text: str) -> bool:
    if len(text) > _MOST_HEADING:
        return False
    return bool(_WHOLE.fullmatch(text.strip()) or _NUMBER.search(text) or NOT_FOUND.search(text))


CHECK = Check(
    id="soft-404",
    title="The page looks like an error page but answers with 200",
    severity="error",
    fix=(
        "Answer with status 404 (or 410) where there is no page; a prerendered page says so with a meta "
        "element named prerender-status-code."
    ),
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/http-network-errors"),
    find=find,
    blocks=True,
)
