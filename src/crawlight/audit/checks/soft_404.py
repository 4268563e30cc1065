"""An error page that answers with 200 is a soft 404."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.not_found import names_of, says_only
from crawlight.audit.page import Page
from crawlight.audit.text import quoted

_MOST_WORDS = 300
"""An article about error pages has more."""


def find(page: Page) -> Found | None:
    """Status 200, little text, and a title or h1 that says there is no such page, and nothing else."""
    if page.status != 200 or page.document.main_words > _MOST_WORDS:
        return None
    telling = [page.title] if any(map(says_only, names_of(page.title))) else []
    telling += [heading.text for heading in page.document.of("h1") if says_only(heading.text)]
    return found(f"The page says {quoted(telling[:1])}, but answers with 200.", telling) if telling else None


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
