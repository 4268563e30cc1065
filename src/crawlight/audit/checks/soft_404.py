"""An error page that answers with 200 is a soft 404."""

import re

from crawlight.audit.check import Check, Found, Guidance, found, quoted
from crawlight.audit.page import Page

_MOST_WORDS = 300
"""An article about error pages has more."""

_WHOLE = re.compile(r"(?:error|http)?\W*404(?:\W*(?:error|page))?\W*(?:[-|–:].*)?", re.IGNORECASE)
_PHRASES = re.compile(
    r"\b(?:page|seite|página|pagina|content|product|article|site) (?:was |is |could |cannot |can ?not |can't )?"
    r"(?:not |be |not be )*(?:found|exist)\b"
    r"|\b404\b.{0,20}\b(?:not found|error|erreur|fehler|page)\b|\bnot found\b.{0,12}\b404\b"
    r"|^\W*not found\W*$|\bdoes(?:n't| not) exist\b|\bno longer (?:exists|available)\b"
    r"|\bnicht gefunden\b|\bexistiert nicht\b|\bpage (?:introuvable|non trouvée)\b|\bn'existe pas\b"
    r"|\b(?:página|pagina) (?:no|não) (?:encontrada|existe)\b|\bno encontrad[ao]\b|\bnão encontrad[ao]\b"
    r"|\bpagina non trovata\b|\bniet gevonden\b|\bnie znaleziono\b|\bне найден[ао]?\b"
    r"|ページが見つかりません|找不到页面",
    re.IGNORECASE,
)


def find(page: Page) -> Found | None:
    """Status 200, little text, and a title or h1 that says there is no such page."""
    if page.status != 200 or page.document.main_words > _MOST_WORDS:
        return None
    heads = [page.title, *(heading.text for heading in page.document.of("h1"))]
    telling = [text for text in heads if _says_not_found(text[:200])]
    return found(f"The page says {quoted(telling[:1])}, but answers with 200.", telling) if telling else None


def _says_not_found(text: str) -> bool:
    return bool(_WHOLE.fullmatch(text.strip()) or _PHRASES.search(text))


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
