"""Pages as they are found on the web: a person sees each whole, and so must a crawler.

Tests and the benchmark ``whole`` run over the same pages. ``put`` serves them on a ``Site``.
"""

from tests.rendering.site import Site
from tests.rendering.wild import (
    broken,
    hidden,
    late,
    names,
    redirects,
    serialising,
    shadow,
    signs,
    taken_away,
    titles,
)
from tests.rendering.wild.page import Page

KINDS = {
    "late content": late.PAGES,
    "own name": names.PAGES,
    "titles that look like errors": titles.PAGES,
    "what breaks renders": broken.PAGES,
    "what is taken away": taken_away.PAGES,
    "hidden for a moment": hidden.PAGES,
    "shadow roots": shadow.PAGES,
    "redirects": redirects.PAGES,
    "serialising": serialising.PAGES,
    "signs of work": signs.PAGES,
}
PAGES: list[Page] = [page for pages in KINDS.values() for page in pages]


def put(site: Site, pages: list[Page] = PAGES) -> None:
    """Serve pages, and what they ask for, on a site."""
    for page in pages:
        site.pages[page.path] = page.document
        site.pages |= page.answers
