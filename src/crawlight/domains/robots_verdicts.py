"""What a robots.txt lets known crawlers fetch: each of the 25 keys, and the crawlers for AI that have none."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, Literal

import msgspec

from crawlight.audit.robots_groups import Rules, TooManyRulesError
from crawlight.bots.catalogue import Agent, load
from crawlight.bots.keys import BOT_KEYS
from crawlight.bots.labels import LABELS

PATHS: Final = ("/", "/blog/x")
"""What is always asked about."""

MOST_WORK: Final = 1_000_000
"""Rules that are compared with paths for all verdicts on a text: about a second of a core."""

May = Literal["yes", "no", "some", "unknown"]
"""``unknown``: the text has too many rules to say."""


class Verdict(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the crawlers of one row may fetch each of the paths, in their order.

    ``kept_out`` names those that may not fetch the last path where others of the row may. ``obeying`` are the words
    that they say they obey in robots.txt: without one, nobody knows whether they keep to it.
    """

    name: str
    may: Sequence[May]
    kept_out: Sequence[str]
    obeying: Sequence[str]


def verdicts(robots_txt: str, paths: Sequence[str], most_work: int = MOST_WORK) -> list[Verdict]:
    """One row for each key, in their order, and the last one for all other crawlers for AI."""
    rules = Rules(robots_txt, most_work)
    rows = [(LABELS[key], agents) for key, agents in _by_key().items()]
    return [_verdict(rules, name, agents, paths) for name, agents in (*rows, ("Other AI", _other_ai()))]


def kept_from(rules: Rules, paths: Iterable[str], token: str) -> tuple[list[str], int]:
    """Those of the paths that a crawler may not fetch, and how many paths the work of the rules sufficed for."""
    kept, checked = list[str](), 0
    for path in paths:
        try:
            may = rules.allow(token, path)
        except TooManyRulesError:
            break
        checked += 1
        if not may:
            kept.append(path)
    return kept, checked


def _verdict(rules: Rules, name: str, agents: Sequence[Agent], paths: Sequence[str]) -> Verdict:
    obeying = list(dict.fromkeys(agent.robots for agent in agents if agent.robots))
    tokens = obeying or list(dict.fromkeys(agent.name for agent in agents))
    may = [_may(rules, tokens, path) for path in paths]
    out = [token for token in tokens if not rules.allow(token, paths[-1])] if may[-1] == "some" else []
    return Verdict(name, may, out, obeying)


def _may(rules: Rules, tokens: Sequence[str], path: str) -> May:
    try:
        answers = {rules.allow(token, path) for token in tokens}
    except TooManyRulesError:
        return "unknown"
    return "some" if len(answers) > 1 else "yes" if True in answers else "no"


@cache
def _by_key() -> dict[str, list[Agent]]:
    found: dict[str, list[Agent]] = {key: [] for key in BOT_KEYS}
    for agent in load().agent:
        if agent.key:
            found[agent.key].append(agent)
    return found


@cache
def _other_ai() -> list[Agent]:
    others = (agent for agent in load().agent if not agent.key and agent.category.startswith("ai_"))
    return [msgspec.structs.replace(agent, robots="") for agent in others]
