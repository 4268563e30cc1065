"""The export document: its members, their order, and the arithmetic inside it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from crawlight.bots.keys import BOT_KEYS

if TYPE_CHECKING:
    BotTotals = msgspec.Struct
    BotDay = msgspec.Struct
else:
    # Their members are the keys, so that there is no second list of them.
    BotTotals = msgspec.defstruct("BotTotals", [(key, int) for key in BOT_KEYS], frozen=True)
    BotDay = msgspec.defstruct("BotDay", [("date", str), *((key, int) for key in BOT_KEYS)], frozen=True)


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """Counts of a window. Spoofed crawls are in none of them."""

    total_crawls: int
    prerenders: int
    cached_views: int
    cache_misses: int
    cache_hit_rate: int | float
    """Percent, one decimal."""


class TopPage(msgspec.Struct, frozen=True, rename="camel"):
    """A page and its crawls by the 25 keys; ``seo_score`` is null where it was never audited."""

    url: str
    seo_score: int | None
    seo_issues_count: int
    bot_total: int


class SeoState(msgspec.Struct, frozen=True, rename="camel"):
    """Pages that are known now, by bucket of their score; the four buckets add up to ``total_pages``."""

    good: int
    needs_work: int
    poor: int
    unknown: int
    total_pages: int
    total_issues: int


class DomainReport(msgspec.Struct, frozen=True, rename="camel"):
    """One domain of the account, owned or shared."""

    domain: str
    domain_id: str
    role: str
    summary: Summary
    bot_totals: BotTotals
    bot_series: list[BotDay]
    top_pages: list[TopPage]
    seo: SeoState


class Document(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of ``POST /functions/v1/export-user-analytics``."""

    generated_at: str
    period: str
    user_id: str
    domain_count: int
    domains: list[DomainReport]


def timestamp(moment: datetime) -> str:
    """``2026-06-29T12:00:00.000Z``: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hit_rate(hits: int, misses: int) -> int | float:
    """Hits in percent of hits and misses, one decimal, half up; 0 where there was neither."""
    if not (answers := hits + misses):
        return 0
    tenths = (2000 * hits + answers) // (2 * answers)
    return tenths / 10 if tenths % 10 else tenths // 10


def summary(crawls: int, hits: int, misses: int, prerenders: int) -> Summary:
    """The summary of a window from its four sums."""
    return Summary(crawls, prerenders, hits, misses, hit_rate(hits, misses))


def ranked(pages: Iterable[TopPage]) -> list[TopPage]:
    """Pages by crawls, most first, then by URL."""
    return sorted(pages, key=lambda page: (-page.bot_total, page.url))
