"""``/domains/HOST/settings/agents``: what AI agents get of a domain, and what it says about uses of its content."""

from collections.abc import Mapping
from typing import Final

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.first_fetches import FIRST_FETCHES, median_seconds
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.settings_form import Fields, SettingsForm
from crawlight.dashboard.visits import Visit
from crawlight.domains import indexnow, robots_versions, signals, uses
from crawlight.domains.agents import AgentSettings, read_agents
from crawlight.domains.hosting import change_agents
from crawlight.kit.urls import canonical_url

_PREFIX: Final = "signal-"
_MEANINGS: Final[Mapping[signals.Name, tuple[str, str]]] = {
    "search": ("Search", "Pages may stand in search results, with a link and a short excerpt."),
    "ai-input": (
        "AI answers",
        "AI models may read pages when they answer somebody, summaries in search included.",
    ),
    "ai-train": ("AI training", "AI models may be trained or fine-tuned with pages."),
}


def _written(settings: AgentSettings) -> dict[str, str]:
    """The settings as the form shows them."""
    return {
        "markdown": "on" if settings.markdown else "",
        "no_markdown_for": "\n".join(settings.no_markdown_for),
        "canonical_redirects": "on" if settings.canonical_redirects else "",
        "indexnow": "on" if settings.indexnow_key else "",
        **{_PREFIX + name: settings.signals[name] for name in signals.NAMES},
    }


def _read(fields: Fields) -> dict[str, object]:
    """What a form says. Raises UserError."""
    chosen: dict[str, str] = {name: fields.get(_PREFIX + name, "") for name in signals.NAMES}
    return {
        "markdown": fields.get("markdown") == "on",
        "no_markdown_for": tuple(filter(str.strip, fields.get("no_markdown_for", "").splitlines())),
        "signals": signals.checked(chosen),
        "canonical_redirects": fields.get("canonical_redirects") == "on",
    }


async def _values(visit: Visit, domain: ScopedDomain, fields: Fields | None) -> dict[str, object]:
    database = visit.dashboard.database
    settings = await read_agents(database, domain.id)
    robots_txt = await robots_versions.text_in_force(database, domain.id)
    told = await ask(visit, FIRST_FETCHES, await about(visit, domain))
    shown = _written(settings)
    return {
        "shown": shown if fields is None else {**dict.fromkeys(shown, ""), **fields},
        "signals": [
            (_PREFIX + name, title, meaning, uses.operators(name))
            for name, (title, meaning) in _MEANINGS.items()
        ],
        "headers": settings.signals.headers,
        "contradictions": uses.contradictions(settings.signals, robots_txt) if robots_txt is not None else [],
        "robots_seen": robots_txt is not None,
        "indexnow": await indexnow.state(database, domain.id),
        "key_file": canonical_url(domain.page_host, f"/{settings.indexnow_key}.txt"),
        "told": told,
        "median": None if (median := median_seconds(told)) is None else round(median * 1000),
    }


async def _save(visit: Visit, domain: ScopedDomain, fields: Fields) -> str:
    await change_agents(visit.dashboard.database, domain.id, **_read(fields))
    await indexnow.switch(visit.dashboard.database, domain.id, fields.get("indexnow") == "on")
    return "Settings saved."


routes = SettingsForm("agents", "Agents on {}", "agents.html", _values, _save).routes()
