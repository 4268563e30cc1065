"""What stands in a report: the export's own numbers, their change, and what the export has no room for."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import Scope
from crawlight.analytics.assistants import AI_AGENTS, ASSISTANTS, SPOOFED, AiAgent, Assistant
from crawlight.analytics.document import DomainReport, Summary, summary
from crawlight.analytics.export import Exporter
from crawlight.analytics.question import About
from crawlight.analytics.series import DAYS
from crawlight.bots.keys import BOT_KEYS, NAMED, OTHER, OTHER_SOCIAL
from crawlight.bots.labels import LABELS
from crawlight.domains import audits
from crawlight.domains.audits import ScoredPage
from crawlight.kit.periods import Window, window

_WORST: Final = 10
_NOTHING: Final = (0,) * (4 + len(BOT_KEYS))


class Group(msgspec.Struct, frozen=True):
    """A line of table and chart: one of the nine named keys, or several folded into one. ``days`` are its crawls."""

    label: str
    days: Sequence[int]
    before: int

    @property
    def crawls(self) -> int:
        """Crawls of the window."""
        return sum(self.days)


class Section(msgspec.Struct, frozen=True):
    """All of one domain."""

    domain: DomainReport
    before: Summary
    groups: list[Group]
    unkeyed: int
    """Crawls by recognised bots that have none of the 25 keys."""
    unkeyed_before: int
    ai: list[AiAgent] = []
    referrals: list[Assistant] = []
    spoofed: int = 0
    worst: list[ScoredPage] = []


class Content(msgspec.Struct, frozen=True):
    """A whole report; ``all_domains`` where it is of an account, not of one domain."""

    generated_at: datetime
    period: str
    window: Window
    all_domains: bool
    sections: list[Section]

    def total(self) -> Summary:
        """The sums of all domains."""
        sums = [section.domain.summary for section in self.sections]
        return summary(
            sum(one.total_crawls for one in sums),
            sum(one.cached_views for one in sums),
            sum(one.cache_misses for one in sums),
            sum(one.prerenders for one in sums),
        )

    def combined(self) -> list[Group]:
        """The groups of all domains together."""
        return [
            Group(
                same[0].label,
                [sum(counts) for counts in zip(*(one.days for one in same), strict=True)],
                sum(one.before for one in same),
            )
            for same in zip(*(section.groups for section in self.sections), strict=True)
        ]


async def collect(
    exporter: Exporter, scope: Scope, period: str, now: datetime, *, all_domains: bool
) -> Content:
    """Ask for everything that a report on the domains of a scope holds. Raises StoreError if the store is away."""
    sources, days = exporter.sources, window(period, now)
    about = About(scope.domains, days)
    reports, before, ai, sent, false = await asyncio.gather(
        exporter.reports(scope, days),
        DAYS.answer(sources, About(scope.domains, days.before), None),
        AI_AGENTS.answer(sources, about, None),
        ASSISTANTS.answer(sources, about, None),
        SPOOFED.answer(sources, about, None),
    )
    sections = []
    for domain, report in zip(scope.domains, reports, strict=True):
        section = _section(report, before[domain.id].sums() if domain.id in before else _NOTHING)
        sections.append(
            msgspec.structs.replace(
                section,
                ai=ai.get(domain.id, []),
                referrals=sent.get(domain.id, []),
                spoofed=false.get(domain.id, 0),
                worst=await audits.worst(sources.database, domain.id, _WORST),
            )
        )
    return Content(now, period, days, all_domains, sections)


def _section(report: DomainReport, before: Sequence[int]) -> Section:
    """What the export's numbers say, beside the sums of the days before."""
    return Section(
        domain=report,
        before=summary(*before[:4]),
        groups=_groups(report, dict(zip(BOT_KEYS, before[4:], strict=True))),
        unkeyed=report.summary.total_crawls - _total(report),
        unkeyed_before=before[0] - sum(before[4:]),
    )


def _groups(report: DomainReport, before: Mapping[str, int]) -> list[Group]:
    """The nine named keys, *Other social* and *Other*, always in this order."""
    folded = [*((LABELS[key], (key,)) for key in NAMED), ("Other social", OTHER_SOCIAL), ("Other", OTHER)]
    return [
        Group(
            label,
            [sum(getattr(day, key) for key in keys) for day in report.bot_series],
            sum(before[key] for key in keys),
        )
        for label, keys in folded
    ]


def _total(report: DomainReport) -> int:
    return sum(msgspec.structs.astuple(report.bot_totals))
