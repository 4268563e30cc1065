"""What the editor of robots.txt says of a text, as it is typed: errors, who may fetch what, what contradicts it."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import select

from crawlight.audit.robots_groups import Rules
from crawlight.database.engine import Database
from crawlight.database.tables import Page
from crawlight.domains import uses
from crawlight.domains.agents import read_agents
from crawlight.domains.robots_checks import Finding, findings
from crawlight.domains.robots_signals import in_robots_txt
from crawlight.domains.robots_verdicts import PATHS, Verdict, kept_from, verdicts
from crawlight.domains.signals import Signals
from crawlight.ids import DomainId

_MOST_PAGES: Final = 2_000
_SEARCH: Final = ("Googlebot", "bingbot")
_LONGEST_PATH: Final = 2_000
_MOST_WORK: Final = 1_000_000
"""Rules that are compared with pages for each search engine: about a second of a core."""


class Checked(msgspec.Struct, frozen=True):
    """All of it; ``paths`` are those of the verdicts. ``sent`` is the text with the domain's signals."""

    findings: Sequence[Finding]
    contradictions: Sequence[str]
    paths: Sequence[str]
    verdicts: Sequence[Verdict]
    sent: str


async def checked(database: Database, domain_id: DomainId, text: str, path: str) -> Checked:
    """Check a text; ``path`` is one that is asked about besides, or empty."""
    signals = (await read_agents(database, domain_id)).signals
    known = await _known_pages(database, domain_id)
    return await asyncio.to_thread(_checked, text, _paths(path), signals, known)


def _checked(text: str, paths: Sequence[str], signals: Signals, known: Sequence[str]) -> Checked:
    contradictions = [*uses.contradictions(signals, text), *_kept_pages(text, known)]
    sent = in_robots_txt(text, signals)
    return Checked(findings(text), contradictions, paths, verdicts(text, paths), sent)


def _kept_pages(text: str, known: Sequence[str]) -> list[str]:
    """Pages of the site that search engines may not fetch."""
    found = []
    for token in _SEARCH:
        kept, checked = kept_from(Rules(text, _MOST_WORK), known, token)
        if checked < len(known):
            found.append(
                f"This file has too many rules for {token} to check against all pages; "
                f"the first {checked:,} were checked."
            )
        if kept:
            pages = f"{len(kept):,} of {checked:,} pages" if len(known) > 1 else "the one page"
            found.append(
                f"{token} can't fetch {pages} known from sitemaps and crawls, such as {uses.listed(kept[:3])}."
            )
    return found


def _paths(path: str) -> Sequence[str]:
    given = path.strip()[:_LONGEST_PATH]
    if not given:
        return PATHS
    return list(dict.fromkeys((*PATHS, given if given.startswith("/") else f"/{given}")))


async def _known_pages(database: Database, domain_id: DomainId) -> Sequence[str]:
    """Pages that the site has, and that can be indexed as far as that is known; the first ones by path."""
    query = (
        select(Page.path)
        .where(Page.domain_id == domain_id, Page.first_seen_at.is_not(None), Page.gone_at.is_(None))
        .where(Page.status.is_(None) | (Page.status == 200))
        .order_by(Page.path)
        .limit(_MOST_PAGES)
    )
    async with database.read() as session:
        return list(await session.scalars(query))
