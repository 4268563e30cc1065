"""Who uses content in which way, what they say about robots.txt, and where rules and signals contradict each other."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from crawlight.audit.robots_groups import Rules, TooManyRulesError
from crawlight.bots.catalogue import Agent, load
from crawlight.domains.robots_signals import stated_in
from crawlight.domains.signals import NAMES, Name, Signals

_CATEGORIES: Final[Mapping[Name, tuple[str, ...]]] = {
    "search": ("search",),
    "ai-input": ("ai_search", "ai_user"),
    "ai-train": ("ai_training",),
}
_MOST_NAMED: Final = 5

MOST_WORK: Final = 1_000_000
"""Rules that are compared with signals: about a second of a core."""


class Operator(msgspec.Struct, frozen=True, rename="camel"):
    """What an operator says of its crawlers for one use: those that it says obey robots.txt, and the others."""

    operator: str
    url: str
    obeying: Sequence[str]
    silent: Sequence[str]


def users(name: Name) -> list[Agent]:
    """The crawlers that have a key of their own and use content in the way that a signal is about."""
    return [agent for agent in load().agent if agent.key and agent.category in _CATEGORIES[name]]


def operators(name: Name) -> list[Operator]:
    """The operators of these crawlers, in the order of the catalogue."""
    by_operator: dict[str, list[Agent]] = {}
    for agent in users(name):
        by_operator.setdefault(agent.operator, []).append(agent)
    return [
        Operator(
            operator,
            next((agent.url for agent in agents if agent.url), ""),
            list(dict.fromkeys(agent.robots for agent in agents if agent.robots)),
            [agent.name for agent in agents if not agent.robots],
        )
        for operator, agents in by_operator.items()
    ]


def contradictions(signals: Signals, robots_txt: str, most_work: int = MOST_WORK) -> list[str]:
    """Sentences about what the signals and the rules of robots.txt say against each other."""
    rules, stated = Rules(robots_txt, most_work), stated_in(robots_txt)
    found: list[str] = []
    try:
        for name in NAMES:
            found += _of_rules(name, signals[name], rules)
    except TooManyRulesError:
        found.append("This file has too many rules to compare all of them with the signals.")
    return [*found, *(text for name in NAMES for text in _of_signals(name, signals[name], stated[name]))]


def _of_rules(name: Name, said: str, rules: Rules) -> Iterator[str]:
    if not said:
        return
    tokens = list(dict.fromkeys(agent.robots for agent in users(name) if agent.robots))
    if said == "yes" and (out := [one for one in tokens if not rules.allow(one, "/")]):
        yield f"{name} is yes, but robots.txt blocks {listed(out)}, and what can't be fetched can't be used."
    if said == "no" and (let_in := [one for one in tokens if rules.names(one) and rules.allow(one, "/")]):
        yield f"{name} is no, but robots.txt allows {listed(let_in)} by name."


def _of_signals(name: Name, said: str, stated: Collection[str]) -> Iterator[str]:
    if said and (other := set(stated) - {said}):
        yield f"{name} is {said} here, but robots.txt itself says {name}={min(other)}."


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, of many the first ones."""
    shown = [
        *names[:_MOST_NAMED],
        *([f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []),
    ]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
