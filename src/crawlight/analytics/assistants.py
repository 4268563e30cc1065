"""What AI has to do with domains: their crawlers, and the visits that assistants send; and who came spoofed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from crawlight.analytics.queries import query
from crawlight.analytics.question import Question, no_parameters, of_scope
from crawlight.events.store import Columns, EventsStore
from crawlight.ids import DomainId
from crawlight.kit.periods import Window


class AiAgent(msgspec.Struct, frozen=True):
    """Crawls by one AI crawler, in a window and in the equal one before it."""

    agent: str
    category: str
    crawls: int
    before: int


class Assistant(msgspec.Struct, frozen=True):
    """Visits of people that one AI assistant sent, in a window and in the equal one before it."""

    assistant: str
    visits: int
    before: int


def ai_agents(
    store: EventsStore, domain_ids: Sequence[DomainId], window: Window
) -> dict[DomainId, list[AiAgent]]:
    """AI crawlers by domain id, most crawls first; domains without any are absent."""
    found: dict[DomainId, list[AiAgent]] = defaultdict(list)
    for domain_id, *row in _rows(store, "ai_agents", domain_ids, window):
        found[domain_id].append(AiAgent(*row))
    return found


def assistants(
    store: EventsStore, domain_ids: Sequence[DomainId], window: Window
) -> dict[DomainId, list[Assistant]]:
    """Assistants by domain id, most visits first; domains without any are absent."""
    found: dict[DomainId, list[Assistant]] = defaultdict(list)
    for domain_id, *row in _rows(store, "ai_referrals", domain_ids, window):
        found[domain_id].append(Assistant(*row))
    return found


def spoofed(store: EventsStore, domain_ids: Sequence[DomainId], window: Window) -> dict[DomainId, int]:
    """Spoofed crawls by domain id; domains without any are absent."""
    return dict(_rows(store, "spoofed", domain_ids, window))


def _rows(
    store: EventsStore, name: str, domain_ids: Sequence[DomainId], window: Window
) -> list[tuple[Any, ...]]:
    columns: Columns = store.columns(
        query(name),
        {
            "domains": list(domain_ids),
            "first": window.before.first,
            "since": window.first,
            "last": window.last,
        },
    )
    return list(zip(*columns, strict=True))


AI_AGENTS: Final = Question("ai-agents", no_parameters, of_scope(ai_agents))
ASSISTANTS: Final = Question("assistants", no_parameters, of_scope(assistants))
SPOOFED: Final = Question("spoofed", no_parameters, of_scope(spoofed))
