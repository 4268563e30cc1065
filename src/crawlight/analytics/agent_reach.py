"""How far AI agents came on a domain: who read llms.txt, who was refused. As far back as single rows are kept."""

from datetime import datetime
from typing import Final

import msgspec

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.last_fetches import last_fetches
from crawlight.analytics.question import Question, no_parameters, of_domain
from crawlight.domains.readiness import REFUSALS
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window


class LlmsReader(msgspec.Struct, frozen=True):
    """Fetches of llms.txt or llms-full.txt by one agent; ``served`` of them found one."""

    agent: str
    last: datetime
    fetches: int
    served: int


class Refusals(msgspec.Struct, frozen=True):
    """Fetches of pages by one AI agent whose status is known; the site ``refused`` that many."""

    agent: str
    last: datetime
    fetches: int
    refused: int


def llms_readers(store: EventsStore, domain: ScopedDomain, _: Window, __: None) -> list[LlmsReader]:
    """By agent, the latest first. Raises StoreError where the store is away."""
    return last_fetches(store, "llms_readers", domain, LlmsReader)


def ai_refusals(store: EventsStore, domain: ScopedDomain, _: Window, __: None) -> list[Refusals]:
    """By agent, the most refused first. Raises StoreError where the store is away."""
    return last_fetches(store, "ai_refusals", domain, Refusals, statuses=list(REFUSALS))


LLMS_READERS: Final = Question("llms-readers", no_parameters, of_domain(llms_readers))
AI_REFUSALS: Final = Question("ai-refusals", no_parameters, of_domain(ai_refusals))
