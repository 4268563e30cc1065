"""Who uses content in which way, what they say about robots.txt, and where rules and signals contradict each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from crawlight.audit import robots_groups
from crawlight.bots.catalogue import Agent, load
from crawlight.domains.robots_signals import stated_in
from crawlight.domains.signals import NAMES, Name, Signals

_CATEGORIES: Final[Mapping[Name, tuple[str, ...]]] = {
    "search": ("search",),
    "ai-input": ("ai_search", "ai_user"),
    "ai-train": ("ai_training",),
}
_MOST_NAMED: Final = 5


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


def contradictions(signals: Signals, robots_txt: str) -> list[str]:
    """Sentences about what the signals and the rules of robots.txt say against each other."""
    return [sentence for name in NAMES for sentence in _of_signal(name, signals[name], robots_txt)]


def _of_signal(name: Name, said: str, robots_txt: str) -> Iterator[str]:
    if not said:
        return
    tokens = list(dict.fromkeys(agent.robots for agent in users(name) if agent.robots))
    if said == "yes" and (out := [one for one in tokens if not robots_groups.allows(robots_txt, one)]):
        yield f"{name} is yes, but robots.txt keeps {listed(out)} out, and what may not be fetched cannot be used."
    if said == "no" and (let_in := [one for one in tokens if _let_in_by_name(robots_txt, one)]):
        yield f"{name} is no, but robots.txt lets {listed(let_in)} in by name."
    if other := stated_in(robots_txt)[name] - {said}:
        yield f"{name} is {said} here, but robots.txt itself says {name}={other.pop()}."


def _let_in_by_name(robots_txt: str, token: str) -> bool:
    return bool(robots_groups.named(robots_txt, token)) and robots_groups.allows(robots_txt, token)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, of many the first ones."""
    shown = [
        *names[:_MOST_NAMED],
        *([f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []),
    ]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
