"""Finds the catalogue's tokens in a user agent, all in one pass.

A token matches without regard to case, at word boundaries, and outside of URLs and e-mail addresses.
A leading ``^`` ties it to the start of the string, a leading or trailing ``*`` lifts the boundary on that
side, and a leading ``/`` makes it a piece of a URL instead, for crawlers known by their contact page.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from crawlight.bots.catalogue import Agent, load

HINTS = (
    ("bot", "crawl", "spider", "scrap", "slurp", "http:", "https:", "www.", "@", "compatible;", "compatible ")
    + ("fetch", "check", "monitor", "valid", "scan", "archiv", "index", "feed", "rss", "search", "agent")
    + ("download", "preview", "probe", "uptime", "audit", "analy", "harvest", "research", "survey")
    + ("extract", "link", "site", "proxy", "http", "client", "libwww", "perl", "image", "screenshot")
    + ("thumbnail", "seo", "test", "loader", "collect", "nutch", "headless", ".com", ".net", ".org", "track")
    + ("cfnetwork", "okhttp", "dalvik")
)
"""Pieces that make a string worth a closer look; most browsers contain none of them."""

_URL_END = re.compile(r"[\s;,()<>\[\]\"']")
_BARE_HOST = re.compile(r"[a-z0-9-]+\.[a-z]{2,}[^\s;,()<>\[\]\"']*$")


class Hit(NamedTuple):
    """One token found: ``start`` and ``end`` in characters; sorts by preference, best first."""

    rank: int
    family: bool
    start: int
    before_end: int
    end: int
    agent: Agent


class _Rule(NamedTuple):
    agent: Agent
    rank: int
    anchored: bool
    open_left: bool
    open_right: bool
    in_url: bool


def hits(low: str) -> tuple[list[Hit], bool]:
    """Tokens that the lower-case string names, best first, and whether it deserves a closer look."""
    automaton, rules = _compiled()
    found: list[Hit] = []
    hint = False
    for index, start, end in automaton.find_matches_as_indexes(low, overlapping=True):
        rule = rules[index]
        if rule is None:
            hint = True
        elif _holds(rule, low, start, end):
            found.append(Hit(rule.rank, rule.agent.family, start, -end, end, rule.agent))
    if len(found) > 1:
        found.sort(key=_preference)
    return found, hint


def _preference(hit: Hit) -> tuple[int, bool, int, int]:
    return hit[:4]


@lru_cache(maxsize=1)
def _compiled() -> tuple[AhoCorasick, list[_Rule | None]]:
    words: list[str] = []
    rules: list[_Rule | None] = []
    for agent in load().agent:
        for token in agent.tokens:
            words.append(token.lower().strip("^*").removeprefix("/"))
            rules.append(_rule(agent, token))
    words.extend(HINTS)
    rules.extend([None] * len(HINTS))
    return AhoCorasick(words, implementation=Implementation.DFA), rules


def _rule(agent: Agent, token: str) -> _Rule:
    rank = 2 if agent.category == "library" else int(agent.yields)
    return _Rule(
        agent=agent,
        rank=rank,
        anchored=token.startswith("^"),
        open_left=token.startswith("*"),
        open_right=token.endswith("*"),
        in_url=token.startswith("/"),
    )


def _holds(rule: _Rule, low: str, start: int, end: int) -> bool:
    if rule.in_url:
        return True
    if rule.anchored and start:
        return False
    if not rule.open_right and not _ends_word(low, end):
        return False
    if not start:
        return True
    if not rule.open_left and not _starts_word(low, start):
        return False
    return not in_url(low, start) and not low.endswith(("like ", "following "), 0, start)


def _ends_word(low: str, end: int) -> bool:
    after = low[end : end + 2]
    if not after:
        return True
    return not (after[0].isalpha() or after[0] == "@" or (after[0] == "." and after[1:].isalpha()))


def _starts_word(low: str, start: int) -> bool:
    before = low[start - 1]
    return not (before.isalnum() or before in "._-@")


def in_url(low: str, position: int) -> bool:
    """Whether the position lies inside a URL or behind a host name and a slash."""
    for mark in ("//", "www."):
        begin = low.rfind(mark, 0, position)
        if begin >= 0 and not _URL_END.search(low, begin, position):
            return True
    return low[position - 1] == "/" and bool(_BARE_HOST.search(low, max(0, position - 80), position))
