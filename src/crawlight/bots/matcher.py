"""Names the crawler behind a user agent."""

from functools import lru_cache

import msgspec

from crawlight.bots import strangers
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.patterns import LIBRARY, NATIVE, OWN, YIELDING, Hit, Match, finder

LIMIT = 2_048
"""Characters that are looked at: real strings stay under 500, the rest would only cost time."""

EMPTY = "(empty)"


@lru_cache(maxsize=65_536)
def classify(user_agent: str) -> Agent | None:
    """The agent that a user agent names, or None for a person or an unknown program. Any string will do."""
    return recognise(user_agent)


def recognise(user_agent: str) -> Agent | None:
    """The same as ``classify``, without its cache."""
    if (
        len(user_agent) > LIMIT
        or not user_agent.isascii()
        or " " not in user_agent
        or user_agent[0] in " \"'"
    ):
        user_agent = plain(user_agent)
        if user_agent in ("", "-"):
            return by_name(EMPTY)
    text = f" {user_agent} "
    low = text.lower()
    known = finder()
    matches = known.find(low, True)
    if not matches:
        return None
    found = known.tokens(matches, low)
    if found and found[0][0] == OWN and found[-1][0] < NATIVE:
        return _named(found[0], text)
    return _weigh(text, low, found, known.signs(matches))


def plain(user_agent: str) -> str:
    """The string as it is compared: bounded, ASCII, with the spaces that some logs write as ``+`` or ``%20``."""
    text = user_agent[:LIMIT]
    if not text.isascii():
        text = text.encode("ascii", "replace").decode("ascii")
    text = text.strip(" \t\r\n\"'")
    if " " not in text:
        text = text.replace("+", " ").replace("%20", " ")
    return text


def _weigh(text: str, low: str, found: list[Hit], signs: list[Match]) -> Agent | None:
    """Decides where no agent's own token is alone: strangers, yielding tokens, libraries, native apps."""
    if not found:
        return strangers.unknown(text, low, signs)
    rank = found[-1][0]
    if rank == NATIVE:
        return _in_native_app(text, low, found, signs)
    if rank > NATIVE:
        return None
    if found[0][0] == YIELDING:
        return strangers.carrier(text, low, found, signs) or _named(found[0], text)
    return strangers.user_of_library(text, low, found, signs) or _named(found[0], text)


def _in_native_app(text: str, low: str, found: list[Hit], signs: list[Match]) -> Agent | None:
    """An app's own HTTP stack speaks for a person, unless the string says crawler in so many words."""
    agents = finder().agents
    for hit in found:
        if hit[0] < LIBRARY and hit[2] > 1 and agents[hit[4]].key:
            return _named(hit, text)
    return strangers.declared(text, low, signs)


def _named(hit: Hit, text: str) -> Agent:
    agent = finder().agents[hit[4]]
    if not hit[1]:
        return agent
    word = strangers.word_at(text, -hit[3])
    return msgspec.structs.replace(agent, name=word) if word else agent
