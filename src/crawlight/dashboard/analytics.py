"""``/domains/HOST``: who crawled a domain, and what they got; and the same for one bot below ``/bots/BOT``."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.agents import bots
from crawlight.analytics.answers import answers
from crawlight.analytics.crawled import crawled_pages
from crawlight.analytics.export import seo_state
from crawlight.analytics.filters import CHOICES, Filters, compares, read_filters
from crawlight.analytics.formats import formats
from crawlight.analytics.measured import measured
from crawlight.analytics.referrals import referrals
from crawlight.analytics.timeline import GROUPS, NO_KEY, timeline
from crawlight.analytics.totals import totals
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.keys import BOT_KEYS
from crawlight.bots.labels import LABELS, category_label
from crawlight.dashboard.reach import reach_of, window_of
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import comparisons, pages
from crawlight.kit.clock import now
from crawlight.kit.periods import Window

routes = APIRouter()

WORDS: Final[Mapping[str, str]] = {
    "other_social": "Other social",
    "other": "Other",
    NO_KEY: "Bots without a key",
    "ai": "AI, all",
}
"""Groups of the chart, and of categories, in words."""


@routes.get("/domains/{host}")
async def analytics(visit: SignedIn, host: str) -> Response:
    """The page of all bots, or of those that the URL's filters let through."""
    domain = visit.domain(host)
    return await _page(visit, domain, read_filters(visit.request.query_params), bot="")


@routes.get("/domains/{host}/bots/{bot:path}")
async def one_bot(visit: SignedIn, host: str, bot: str) -> Response:
    """The page of one bot: a key, or an agent. 404 for a name that is neither known nor ever came."""
    domain, filters = visit.domain(host), read_filters({**visit.request.query_params, "bot": bot})
    if not filters.bot:
        raise not_found()
    return await _page(visit, domain, filters, bot=filters.bot)


def label(name: str) -> str:
    """The name of a key, group or category as people read it; an agent's is its own."""
    return LABELS.get(name) or WORDS.get(name) or category_label(name)


def group(key: str) -> str:
    """The line of the chart in which a key is counted."""
    return next((name for name, keys in GROUPS.items() if key in keys), NO_KEY)


async def _page(visit: Visit, domain: ScopedDomain, filters: Filters, *, bot: str) -> Response:
    days = await window_of(visit, domain)
    values = await _numbers(visit, domain, days, filters)
    agents = [found for row in values["bots"] for one in row.agents if (found := by_name(one.agent))]
    if bot and not (agents or values["bots"] or bot in BOT_KEYS or by_name(bot)):
        raise not_found()
    active = {name: value for name, value in filters.active().items() if not (bot and name == "bot")}
    more = {
        "title": label(bot) if bot else domain.host,
        "tab": "analytics",
        "domain": domain,
        "period": visit.period,
        "days": days,
        "compares": compares(days, filters),
        "bot": bot,
        "facts": _facts(bot, agents) if bot else [],
        "active": active,
        "others": {name: value for name, value in active.items() if name != "bot"},
        "filters": filters,
        "choices": CHOICES,
        "label": label,
        "group": group,
        "query": _query(visit, bot),
        "names": {line.name: label(line.name) for line in values["timeline"].lines},
    }
    return await visit.page("analytics.html", values | more)


async def _numbers(visit: Visit, domain: ScopedDomain, days: Window, filters: Filters) -> dict[str, Any]:
    reach, database = reach_of(visit.request), visit.site.database
    store, given = reach.store, (domain, days, filters)
    found = await asyncio.gather(
        store.run(totals, store, *given),
        store.run(timeline, store, *given),
        store.run(bots, store, *given),
        store.run(answers, store, *given),
        store.run(formats, store, *given),
        crawled_pages(store, reach.exporter.names, database, *given),
        store.run(referrals, store, reach.exporter.names, domain, days),
    )
    sizes = await store.run(measured, store, *given) if filters.bot else []
    values = dict(
        zip(("totals", "timeline", "bots", "answers", "formats", "pages", "referrals"), found, strict=True)
    )
    counts = await pages.seo_counts(database, [domain.id])
    seo = seo_state(counts.get(domain.id))
    return values | {
        "seo": seo,
        "measured": sizes,
        "crowds": [str(one) for one in [reach.crowds.known().get(domain.id)] if one],
        "share": (await comparisons.shares(database, [domain.id])).get(domain.id),
        "stale_lists": len(reach.identity.ranges.stale(now())),
    }


def _facts(bot: str, agents: list[Agent]) -> list[Agent]:
    """What the catalogue knows of the agents that came, or of the one that is asked for."""
    named = by_name(bot)
    return agents or ([named] if named else [])


def _query(visit: Visit, bot: str) -> dict[str, str]:
    """The parameters that the twins of this page take."""
    return {**visit.request.query_params, **({"bot": bot} if bot else {})}
