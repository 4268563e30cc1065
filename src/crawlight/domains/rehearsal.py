"""What rules, a robots.txt or blocked paths would have done to recorded crawls, before they are saved. Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final

import msgspec

from crawlight.audit.robots_groups import MOST_WORK, TooManyRulesError
from crawlight.audit.robots_groups import Rules as RobotsRules
from crawlight.bots.catalogue import load
from crawlight.domains.patterns import check_pattern, check_stars, compiled
from crawlight.domains.rules import Rule, Rules
from crawlight.errors import UserError

_MOST_EXAMPLES: Final = 3

Change = Callable[[str, str], str]
"""What would be done to an agent's crawl of a page: a word for people, empty where that is nothing."""


class Crawls(msgspec.Struct, frozen=True):
    """How often an agent crawled a page."""

    agent: str
    path: str
    crawls: int


class Effect(msgspec.Struct, frozen=True):
    """What would have been done to an agent: to so many of its crawls, of so many pages, the most crawled first."""

    what: str
    agent: str
    crawls: int
    pages: int
    examples: Sequence[str]


def effects(crawls: Iterable[Crawls], change: Change) -> list[Effect]:
    """All effects of a change, those on most crawls first. Crawls come with the most frequent first."""
    found: dict[tuple[str, str], list[Crawls]] = {}
    for one in crawls:
        if what := change(one.agent, one.path):
            found.setdefault((what, one.agent), []).append(one)
    told = [
        Effect(*key, sum(one.crawls for one in some), len(some), [one.path for one in some[:_MOST_EXAMPLES]])
        for key, some in found.items()
    ]
    return sorted(told, key=lambda one: (-one.crawls, one.what, one.agent))


def of_rules(host: str, rules: Sequence[Rule]) -> Change:
    """The change that routing rules make."""
    ready = Rules(host, rules)
    said = {"410": "gone (410)", "proxy": "another site's content"}

    def change(_agent: str, path: str) -> str:
        met = ready.meet(path)
        return said.get(met.type, f"redirected ({met.type})") if met else ""

    return change


def of_robots(text: str, most_work: int = MOST_WORK) -> Change:
    """The change that a robots.txt makes: crawls that it forbids, whoever keeps to it.

    The change raises UserError where the text has too many rules for so many pages.
    """
    rules, words = RobotsRules(text, most_work), _words()

    def change(agent: str, path: str) -> str:
        try:
            return "" if rules.allow(words.get(agent, agent), path) else "forbidden by robots.txt"
        except TooManyRulesError:
            raise UserError("this file has too many rules to rehearse it on all crawled pages") from None

    return change


def of_blocked(patterns: Iterable[str]) -> Change:
    """The change that blocked paths make. Raises UserError for a pattern that is none."""
    try:
        blocked = compiled(check_stars(check_pattern(pattern)) for pattern in patterns)
    except ValueError as error:
        raise UserError(str(error)) from None

    def change(_agent: str, path: str) -> str:
        return "blocked" if blocked is not None and blocked.match(path) else ""

    return change


@cache
def _words() -> dict[str, str]:
    """The word that each known agent obeys in robots.txt."""
    return {agent.name: agent.robots for agent in load().agent if agent.robots}
