"""How soon search engines fetched pages that they were told of (IndexNow)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from crawlight.analytics.queries import query
from crawlight.analytics.question import About, Question, Sources
from crawlight.domains import indexnow
from crawlight.events.store import EventsStore
from crawlight.ids import DomainId

ENGINES: Final = ("bingbot", "YandexBot", "SeznamBot", "Yeti")
"""Crawlers of search engines that take part: Bing, Yandex, Seznam, Naver."""

MOST_PAGES: Final = 1_000


class FirstFetch(msgspec.Struct, frozen=True, rename="camel"):
    """A page that was told, and who fetched it first from then on; None where nobody did yet."""

    path: str
    submitted_at: datetime
    agent: str | None = None
    fetched_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """Seconds in between."""
        return (self.fetched_at - self.submitted_at).total_seconds() if self.fetched_at else None


def first_fetches(
    store: EventsStore, domain_id: DomainId, submitted: Mapping[str, datetime]
) -> list[FirstFetch]:
    """One query on up to `MOST_PAGES` pages, for as long as single crawls are kept. Raises StoreError."""
    if not submitted:
        return []
    given = {
        "domain": domain_id,
        "since": min(submitted.values()).astimezone(UTC).replace(microsecond=0),
        "agents": list(ENGINES),
        "paths": list(submitted),
    }
    found: dict[str, tuple[datetime, str]] = {}
    for path, agent, moments in zip(*store.columns(query("first_fetches"), given), strict=True):
        # Crawls are known to the second.
        told = submitted[path].astimezone(UTC).replace(microsecond=0)
        later = [at for at in (moment.replace(tzinfo=UTC) for moment in moments) if at >= told]
        if later and (path not in found or later[0] < found[path][0]):
            found[path] = (later[0], agent)
    return [_fetch(path, moment, found.get(path)) for path, moment in submitted.items()]


class Told(msgspec.Struct, frozen=True):
    """Which pages search engines were told of: one, or where ``path`` is empty the last ``limit``."""

    limit: int = MOST_PAGES
    path: str = ""


async def _answer(sources: Sources, about: About, told: Told) -> list[FirstFetch]:
    domain_id, store = about.domain.id, sources.store
    submitted = await indexnow.submitted(sources.database, domain_id, told.limit, told.path or None)
    return await store.run(first_fetches, store, domain_id, submitted)


def median_seconds(fetches: list[FirstFetch]) -> float | None:
    """The median over pages that were fetched; None where none was."""
    seconds = sorted(one.seconds for one in fetches if one.seconds is not None)
    return seconds[(len(seconds) - 1) // 2] if seconds else None


def _fetch(path: str, submitted: datetime, found: tuple[datetime, str] | None) -> FirstFetch:
    told = submitted.astimezone(UTC)
    return FirstFetch(path, told, found[1], max(found[0], told)) if found else FirstFetch(path, told)


FIRST_FETCHES: Final = Question("first-fetches", lambda _: Told(), _answer)
