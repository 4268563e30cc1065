"""Which of a domain's crawls a page is about: as the URL says it, as the queries take it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from crawlight.bots.catalogue import by_name, load
from crawlight.bots.keys import BOT_KEYS, CATEGORIES
from crawlight.bots.labels import LABELS
from crawlight.ids import DomainId
from crawlight.kit.periods import Window
from crawlight.kit.urls import normal_percent

AI: Final = "ai"
"""Stands for all categories that begin with it: training, search and users' questions."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "category": (AI, *(name for name in CATEGORIES if name != "library")),
    "outcome": ("hit", "miss", "passthrough", "redirect", "blocked"),
    "status": ("2xx", "3xx", "4xx", "5xx"),
    "identity": ("verified", "unverifiable", "unchecked", "spoofed"),
}
"""The values of each filter that has a closed list."""

MOST_CHARACTERS: Final = 2_048
SINGLE_CRAWLS: Final = "facts_records"
"""Where crawls are counted that know their page."""


class Filters(msgspec.Struct, frozen=True):
    """A filter that is empty lets all through, but spoofed crawls are shown only where ``identity`` asks for them.

    ``bot`` is a bot key or an agent; ``page`` a canonical path in which ``*`` stands for any text, and
    ``\\*`` for an asterisk.
    """

    bot: str = ""
    category: str = ""
    page: str = ""
    status: str = ""
    outcome: str = ""
    identity: str = ""

    @property
    def facts(self) -> str:
        """Where such crawls are counted: the rollup knows no pages."""
        return SINGLE_CRAWLS if self.page else "facts_rollup"

    def active(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters of a URL's parameters. What is no value of a filter is left out, as if it were not there."""
    chosen = {name: given[name] for name, values in CHOICES.items() if given.get(name) in values}
    free = {
        name: read(given[name].strip())
        for name, read in (("bot", _bot), ("page", encoded))
        if 0 < len(given.get(name, "")) <= MOST_CHARACTERS
    }
    return Filters(**chosen, **free)


def encoded(text: str) -> str:
    """A part of a path, or a pattern of it, as canonical paths are written: people type ``/münchen straße/``."""
    return normal_percent(text).replace(" ", "%20")


def _bot(given: str) -> str:
    """The key or agent that is meant: its name in any case, or that of the key as people read it."""
    return given if by_name(given) else _known_bots().get(given.casefold(), given)


@lru_cache(maxsize=1)
def _known_bots() -> Mapping[str, str]:
    agents = {agent.name.casefold(): agent.name for agent in load().agent}
    return agents | {label.casefold(): key for key, label in LABELS.items()} | {key: key for key in BOT_KEYS}


def days_of(window: Window, filters: Filters) -> Window:
    """The days of a window that can be answered: only single crawls know their page."""
    return window.singles if filters.page else window


def compares(window: Window, filters: Filters) -> bool:
    """Whether the window before can be answered whole; where not, its crawls are not counted."""
    return window.before.has_singles or not filters.page


def parameters(domain_id: DomainId, window: Window, filters: Filters) -> dict[str, object]:
    """What the queries on one domain take. ``first`` is the first day of the window before."""
    days = days_of(window, filters)
    return {
        "domain": domain_id,
        "first": window.before.first if compares(window, filters) else days.first,
        "since": days.first,
        "last": window.last,
        "bot": filters.bot,
        "category": filters.category,
        "outcome": filters.outcome,
        "status": int(filters.status[:1] or 0),
        "identity": filters.identity,
        "spoofed": False,
        "page": like(filters.page) if filters.page else "%",
    }


def like(pattern: str) -> str:
    """A page pattern as SQL's LIKE takes it. ``\\*`` is an asterisk of the path, in which no backslash stands."""
    texts = [part.split("*") for part in pattern.split("\\*")]
    for special in ("\\", "%", "_"):
        texts = [[text.replace(special, "\\" + special) for text in part] for part in texts]
    return "*".join(map("%".join, texts))
