"""Which contents are what some crawler got last of a page."""

from collections.abc import Collection
from datetime import datetime

from crawlight.events.store import EventsStore

# Rows of one page and agent that are not merged yet are looked at each for itself: that keeps a content for longer, at
# most, and spares the engine all pages.
_LAST = """
SELECT DISTINCT last.content FROM page_agents
WHERE last.content IN {contents:Array(UInt64)} AND last.ts >= {since:DateTime('UTC')}
"""


def last_fetched(store: EventsStore, contents: Collection[int], since: datetime) -> set[int]:
    """Those of the contents that a crawler got last of a page, at ``since`` or later. Raises StoreError."""
    columns = store.columns(_LAST, {"contents": sorted(contents), "since": since})
    return {content for (content,) in zip(*columns, strict=True)}
