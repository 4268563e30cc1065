"""Names the crawler behind a user agent."""

from functools import lru_cache

import msgspec

from crawlight.bots import strangers
from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.patterns import Hit, hits

LIMIT = 2_048
"""Characters that are looked at: real strings stay under 500, the rest would only cost time."""

EMPTY = "(empty)"
NATIVE = ("cfnetwork/", "okhttp", "dalvik/")
"""HTTP stacks of native apps: the app of a person asks, not a crawler."""


@lru_cache(maxsize=65_536)
def classify(user_agent: str) -> Agent | None:
    """The agent that a user agent names, or None for a person or an unknown program. Any string will do."""
    return recognise(user_agent)


def recognise(user_agent: str) -> Agent | None:
    """The same as ``classify``, without its cache."""
    text = plain(user_agent)
    if text in ("", "-"):
        return by_name(EMPTY)
    low = text.lower()
    found, hint = hits(low)
    if not found and not hint:
        return None
    if any(stack in low for stack in NATIVE):
        found = [hit for hit in found if hit.agent.key and hit.start]
        return _named(found[0], text) if found else strangers.declared(text, low)
    return _decide(text, low, found)


def plain(user_agent: str) -> str:
    """The string as it is compared: bounded, ASCII, with the spaces that some logs write as ``+`` or ``%20``."""
    text = user_agent[:LIMIT]
    if not text.isascii():
        text = text.encode("ascii", "replace").decode("ascii")
    if " " not in text:
        text = text.replace("+", " ").replace("%20", " ")
    return text.strip(" \t\"'")


def _decide(text: str, low: str, found: list[Hit]) -> Agent | None:
    if found and found[0].rank == 0 and not strangers.is_shell(low):
        return _named(found[0], text)
    stranger = strangers.beside(text, low, found) if found else strangers.unknown(text, low)
    if stranger:
        return stranger
    return _named(found[0], text) if found and not strangers.is_shell(low) else None


def _named(hit: Hit, text: str) -> Agent:
    if not hit.family:
        return hit.agent
    word = strangers.word_at(text, hit.end)
    return msgspec.structs.replace(hit.agent, name=word) if word else hit.agent
