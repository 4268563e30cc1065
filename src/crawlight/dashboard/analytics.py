"""``/domains/HOST``: who crawled a domain, and what they got; and the same for one bot below ``/bots/BOT``."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.domain_questions import QUESTIONS
from crawlight.analytics.export import seo_state
from crawlight.analytics.filters import CHOICES, Filters, compares, read_filters
from crawlight.analytics.measured import MEASURED
from crawlight.analytics.question import About
from crawlight.analytics.referrals import REFERRED_PAGES
from crawlight.analytics.timeline import GROUPS, NO_KEY
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.keys import BOT_KEYS
from crawlight.bots.labels import LABELS, category_label
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import comparisons, front_states, pages
from crawlight.kit.clock import now

routes = APIRouter()

WORDS: Final[Mapping[str, str]] = {
    "other_social": "Other social",
    "other": "Other",
    NO_KEY: "Bots without a key",
    "ai": "AI, all",
}
"""Groups of the chart, and of categories, in words."""

_QUESTIONS: Final = tuple(one for one in QUESTIONS.values() if one not in (MEASURED, REFERRED_PAGES))
"""What every page asks; sizes and times are one bot's, and the pages stand in the answer on referrals."""


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
    query, of = _query(visit, bot), await about(visit, domain)
    values = await _numbers(visit, of, query, bot=filters.bot)
    agents = [found for row in values["bots"] for one in row.agents if (found := by_name(one.agent))]
    if bot and not (agents or values["bots"] or bot in BOT_KEYS or by_name(bot)):
        raise not_found()
    active = {name: value for name, value in filters.active().items() if not (bot and name == "bot")}
    more = {
        "title": label(bot) if bot else domain.host,
        "tab": "analytics",
        "domain": domain,
        "period": visit.period,
        "days": of.window,
        "compares": compares(of.window, filters),
        "bot": bot,
        "facts": _facts(bot, agents) if bot else [],
        "active": active,
        "others": {name: value for name, value in active.items() if name != "bot"},
        "filters": filters,
        "choices": CHOICES,
        "label": label,
        "group": group,
        "query": query,
        "names": {line.name: label(line.name) for line in values["timeline"].lines},
    }
    return await visit.page("analytics.html", values | more)


async def _numbers(visit: Visit, of: About, query: Mapping[str, str], *, bot: str) -> dict[str, Any]:
    """The answers by their questions' names, and what else the page shows."""
    asked = (*_QUESTIONS, MEASURED) if bot else _QUESTIONS
    found = await asyncio.gather(*(ask(visit, question, of, query) for question in asked))
    values = dict(zip((question.name for question in asked), found, strict=True))
    dashboard, database = visit.dashboard, visit.dashboard.database
    return (
        {"measured": []}
        | values
        | {
            "seo": seo_state((await pages.seo_counts(database, of.ids)).get(of.domain.id)),
            "crowds": [str(one) for one in [dashboard.crowds.known().get(of.domain.id)] if one],
            "share": (await comparisons.shares(database, of.ids)).get(of.domain.id),
            "fronted": await front_states.states(database, of.domain.host),
            "stale_lists": len(dashboard.identity.ranges.stale(now())),
        }
    )


def _facts(bot: str, agents: list[Agent]) -> list[Agent]:
    """What the catalogue knows of the agents that came, or of the one that is asked for."""
    named = by_name(bot)
    return agents or ([named] if named else [])


def _query(visit: Visit, bot: str) -> dict[str, str]:
    """The parameters that the twins of this page take."""
    return {**visit.request.query_params, **({"bot": bot} if bot else {})}
