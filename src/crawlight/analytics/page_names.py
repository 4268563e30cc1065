"""Paths of pages, which rollups know by a hash only."""

from collections.abc import Iterable, Mapping
from typing import Final

from crawlight.analytics.queries import query
from crawlight.events.store import EventsStore

PageKey = tuple[int, int]
"""A domain's id and the hash of a path."""

_MOST_NAMES: Final = 200_000


class PageNames:
    """From the hash of a path back to the path; what was asked once is remembered."""

    def __init__(self, store: EventsStore) -> None:
        self._store = store
        self._known: dict[PageKey, str] = {}

    def paths(self, pages: Iterable[PageKey]) -> Mapping[PageKey, str]:
        """The path of each page that the store knows."""
        wanted = set(pages)
        if missing := [page for page in wanted if page not in self._known]:
            if len(self._known) > _MOST_NAMES:
                self._known.clear()
                missing = list(wanted)
            ids, hashes, paths = self._store.columns(query("page_paths"), {"pages": missing}) or ((), (), ())
            self._known.update(zip(zip(ids, hashes, strict=True), paths, strict=True))
        return {page: self._known[page] for page in wanted if page in self._known}
