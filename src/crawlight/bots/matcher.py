"""Names the crawler behind a user agent."""

from functools import lru_cache

import msgspec

from crawlight.bots import strangers
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.patterns import LIBRARY, NATIVE, OWN, PERSON, YIELDING, Finder, Hit, Match, finder

LIMIT = 2_048
"""Characters that are looked at: real strings stay under 500, the rest would only cost time."""

REMEMBERED = 16_384
"""Answers that are kept: at most 32 MiB of strings, however hostile they are."""

EMPTY = "(empty)"
EDGES = " \t\r\n\"'"
"""What logs and careless programs put around a user agent."""

ADDED = "| initiator:"
"""Behind this a browser extension tells which page a request is for: nothing there speaks of the sender."""

_ADDED = ADDED.encode()
MOZILLA, OPERA = b"mozilla/", b"opera/"
COMPATIBLE = b"mozilla/5.0 (compatible; "
"""Behind this a string says what it is, as one without ``Mozilla/`` does at its start; nothing in it is a token."""


def classify(user_agent: str) -> Agent | None:
    """The agent that a user agent names, or None for a person or an unknown program. Any string will do."""
    return _remembered(user_agent[:LIMIT])


def recognise(user_agent: str) -> Agent | None:
    """The same as ``classify``, without its cache.

    Says what ``weighed`` says of the plain string, sooner where a crawler or a browser introduces itself as usual.
    """
    known = finder()
    if len(user_agent) > LIMIT or " " not in user_agent:
        user_agent = plain(user_agent)
    try:
        low = user_agent.encode().lower() + b" "
    except UnicodeEncodeError:  # lone surrogates
        return weighed(plain(user_agent))
    browser = low[:8] == MOZILLA
    start = 0 if not browser else len(COMPATIBLE) if low.startswith(COMPATIBLE) else None
    if start is not None and (agent := known.introduced(low, start)):
        return agent
    matches = known.find(low, True)
    if not matches and (browser or low.startswith(OPERA)):
        return None
    if low[0] in b" \"'" or not low.isascii() or _ADDED in low:
        return weighed(plain(user_agent))
    return _weigh(known, user_agent, low, matches)


_remembered = lru_cache(maxsize=REMEMBERED)(recognise)


def plain(user_agent: str) -> str:
    """The string as it is compared: bounded, ASCII, with spaces where a log wrote ``+`` or ``%20``."""
    text = user_agent[:LIMIT]
    if not text.isascii():
        text = text.encode("ascii", "replace").decode("ascii")
    if (added := text.lower().find(ADDED)) > 0:
        text = text[:added]
    text = text.strip(EDGES)
    if " " not in text:
        text = text.replace("+", " ").replace("%20", " ").strip(EDGES)
    return "" if text == "-" else text


def weighed(text: str) -> Agent | None:
    """Decides by all that is found in a plain string, without the short cuts of ``recognise``."""
    low = text.lower().encode() + b" "
    return _weigh(finder(), text, low, finder().find(low, True)) if text else by_name(EMPTY)


def _weigh(known: Finder, text: str, low: bytes, matches: list[Match]) -> Agent | None:
    """Decides by rank: people, native apps, agents' own tokens, yielding ones, libraries; then strangers."""
    found, signs = known.sort_out(matches, low)
    text += " "
    lower = low.decode()
    if not found:
        return strangers.unknown(text, lower, signs)
    best, last = found[0][0], found[-1][0]
    if last == PERSON:
        return _monitor(known, found[0])
    if last == NATIVE:
        return _in_native_app(text, lower, found, signs)
    if best == OWN:
        return _named(found[0], text)
    rule = strangers.carrier if best == YIELDING else strangers.user_of_library
    return rule(text, lower, found, signs) or _named(found[0], text)


def _monitor(known: Finder, best: Hit) -> Agent | None:
    """A monitor that drives a desktop shell or a television has no person before it, unlike all else in those."""
    agent = known.agents[best[4]]
    return agent if best[0] == OWN and agent.category == "monitoring" else None


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
