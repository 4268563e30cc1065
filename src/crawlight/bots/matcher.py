"""Names the crawler behind a user agent."""

from functools import lru_cache

import msgspec

from crawlight.bots import strangers
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.patterns import LIBRARY, NATIVE, OWN, YIELDING, Hit, Match, finder

LIMIT = 2_048
"""Characters that are looked at: real strings stay under 500, the rest would only cost time."""

REMEMBERED = 16_384
"""Answers that are kept: at most 32 MiB of strings, however hostile they are."""

EMPTY = "(empty)"
BROWSERS = ("mozilla/", "opera/")
EXPLORER = "mozilla/4.0 (compatible; msie "
"""Old Internet Explorers: their own ``compatible;`` is the one sign that is found in them."""


def classify(user_agent: str) -> Agent | None:
    """The agent that a user agent names, or None for a person or an unknown program. Any string will do."""
    return _remembered(user_agent[:LIMIT])


def recognise(user_agent: str) -> Agent | None:
    """The same as ``classify``, without its cache."""
    if len(user_agent) > LIMIT or " " not in user_agent:
        user_agent = plain(user_agent)
    text = user_agent + " "
    low = text.lower()
    known = finder()
    try:
        matches = known.find(low, True)
    except UnicodeEncodeError:  # lone surrogates
        return recognise(plain(user_agent))
    if len(matches) == 1 and low.startswith(EXPLORER):
        return None
    if matches and text.isascii() and text[0] not in " \"'":
        return known.certain(matches, low) or _weigh(text, low, matches)
    return None if not matches and low.startswith(BROWSERS) else _plainly(plain(user_agent) + " ")


_remembered = lru_cache(maxsize=REMEMBERED)(recognise)


def _plainly(text: str) -> Agent | None:
    """Decide on a string that had to be made plain, or in which nothing was found."""
    low = text.lower()
    return _weigh(text, low, finder().find(low, True))


def plain(user_agent: str) -> str:
    """The string as it is compared: bounded, ASCII, with spaces where a log wrote ``+`` or ``%20``."""
    text = user_agent[:LIMIT]
    if not text.isascii():
        text = text.encode("ascii", "replace").decode("ascii")
    text = text.strip(" \t\r\n\"'")
    if " " not in text:
        text = text.replace("+", " ").replace("%20", " ")
    return "" if text == "-" else text


def _weigh(text: str, low: str, matches: list[Match]) -> Agent | None:
    """Decides where no agent's own token is alone: families, strangers, yielding tokens, libraries, native apps."""
    if text == " ":
        return by_name(EMPTY)
    known = finder()
    found, signs = known.tokens(matches, low), known.signs(matches)
    if not found:
        return strangers.unknown(text, low, signs)
    rank = found[-1][0]
    if rank == NATIVE:
        return _in_native_app(text, low, found, signs)
    if rank > NATIVE:
        return None
    if found[0][0] == OWN:
        return _named(found[0], text)
    if found[0][0] == YIELDING:
        return strangers.carrier(text, low, found, signs) or _named(found[0], text)
    return strangers.user_of_library(text, low, found, signs) or _named(found[0], text)


def _in_native_app(text: str, low: str, found: list[Hit], signs: list[Match]) -> Agent | None:
    """An app's own HTTP stack speaks for a person, unless the string says crawler in so many words."""
    agents = finder().agents
    for hit in found:
        if hit[0] < LIBRARY and hit[2] and agents[hit[4]].key:
            return _named(hit, text)
    return strangers.declared(text, low, signs)


def _named(hit: Hit, text: str) -> Agent:
    agent = finder().agents[hit[4]]
    if not hit[1]:
        return agent
    word = strangers.word_at(text, -hit[3])
    return msgspec.structs.replace(agent, name=word) if word else agent
