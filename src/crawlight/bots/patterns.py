"""Finds the catalogue's tokens, and signs of unknown crawlers, in one pass over a user agent.

A token matches without regard to case, at word boundaries, and outside of URLs and e-mail addresses.
Strings are searched with one space added behind, so that every piece has neighbours: index -1 is that space too.
A leading ``^`` ties it to the start of the string, a leading or trailing ``*`` lifts the boundary on that
side, and a leading ``/`` makes it a piece of a URL instead, for crawlers known by their contact page.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from crawlight.bots.catalogue import Agent, load

OWN, YIELDING, LIBRARY, NATIVE, PERSON = range(5)
"""Ranks of a hit, best first: an agent's own token, a token that other products carry along, a library;
the HTTP stack of a native app; a program with a person before it."""

WORD, PHRASE, CONTACT, SITE, TRADE = range(5)
"""Kinds of signs, strongest first."""

SIGNS = (
    (WORD, ("bot", "crawl", "spider", "slurp", "scrap")),
    (PHRASE, ("compatible;", "compatible,")),
    (CONTACT, ("://", "@", "+www.")),
    (
        SITE,
        ("www.", ".com", ".net/", ".org", ".io", ".ai", ".de", ".fr", ".ru", ".eu", ".jp", ".info", ".pt"),
    ),
    (
        TRADE,
        ("scanner", "-scan", "checker", "monitor", "validat", "analyzer", "analyser", "inspector", "auditor"),
    ),
    (TRADE, ("harvester", "extractor", "archiver", "indexer", "grabber", "collector", "tester", "optimizer")),
    (TRADE, ("agent", "fetcher", "finder", "screenshot", "thumbnail", "prober", "linkcheck", "crawler")),
)

_PEOPLE = ("googleimageproxy", "yahoomailproxy", "googleweblight", "bsalsa.com", "hbbtv", " electron/")
"""Mail proxies, transcoders, a browser control, televisions, desktop shells: not crawlers, whatever else they say."""

_STACKS = ("cfnetwork/", "okhttp/", "dalvik/")

_STARTS = frozenset(" \t;,:(){}[]<>|'\"+*!^`")
_ENDS = _STARTS | frozenset("0123456789/-_=#&?~%$\\")
FAR = 300
"""Characters that are looked back for the start of a URL or a bracket."""

_URL_END = re.compile(r"[\s;,()<>\[\]\"']")
_BARE_HOST = re.compile(r"[a-z0-9-]+\.[a-z]{2,}[^\s;,()<>\[\]\"']*$")

Match = tuple[int, int, int]
"""Number of the piece found, its start and its end (characters)."""

Hit = tuple[int, bool, int, int, int]
"""Rank, whether a family, start, minus end, number of the agent: sorts by preference, best first."""


_SIGN, _WEIGHED, _SPECIAL = -1, -2, 1_000_000
"""Codes of pieces: signs, tokens that are weighed against others, and what is added to an agent's number where its
token has a ``^``, ``*`` or ``/``."""


class _Rule(NamedTuple):
    simple: bool
    rank: int
    family: bool
    agent: int
    anchored: bool
    open_left: bool
    open_right: bool
    anywhere: bool


class Finder:
    """The compiled catalogue. Pieces are numbered; a piece is a token with a rule, or a sign with a kind."""

    def __init__(self, agents: tuple[Agent, ...]) -> None:
        self.agents = agents
        self.rules: list[_Rule | None] = []
        self.kinds: list[int] = []
        self.codes: list[int] = []
        words = [self._add(token, number) for number, agent in enumerate(agents) for token in agent.tokens]
        words += [self._add_free(word, PERSON) for word in _PEOPLE]
        words += [self._add_free(word, NATIVE) for word in _STACKS]
        for kind, pieces in SIGNS:
            self.rules += [None] * len(pieces)
            self.kinds += [kind] * len(pieces)
            self.codes += [_SIGN] * len(pieces)
            words += pieces
        self.find: Callable[[str, bool], list[Match]] = AhoCorasick(
            words, implementation=Implementation.DFA
        ).find_matches_as_indexes

    def certain(self, matches: list[Match], low: str) -> Agent | None:
        """The agent where own tokens decide alone, and None where the matches must be weighed.

        This says nothing that ``tokens`` does not say; it is spelled out because it runs for every crawler.
        """
        found, first = -1, 0
        codes = self.codes
        for piece, start, end in matches:
            code = codes[piece]
            if code == _SIGN:
                continue
            if code == _WEIGHED:
                return None
            # Plain tokens know no exception but a "like " before them; the others bring their rule.
            if (
                code >= _SPECIAL
                or low[start - 1] not in _STARTS
                or low[end] not in _ENDS
                or low[start - 2] in "eg"
            ):
                rule = self.rules[piece]
                if rule is None or not _holds(rule, low, start, end):
                    continue
            place = start * 4096 - end
            if found < 0 or place < first:
                found, first = code % _SPECIAL, place
        return self.agents[found] if found >= 0 else None

    def tokens(self, matches: list[Match], low: str) -> list[Hit]:
        """The tokens among the matches that hold, best first."""
        found = []
        for piece, start, end in matches:
            rule = self.rules[piece]
            if rule is not None and _holds(rule, low, start, end):
                found.append((rule.rank, rule.family, start, -end, rule.agent))
        return sorted(found)

    def signs(self, matches: list[Match]) -> list[Match]:
        """The signs among the matches, as (kind, start, end), in the order of the string."""
        kinds = self.kinds
        return [(kinds[piece], start, end) for piece, start, end in matches if kinds[piece] >= 0]

    def _add(self, token: str, number: int) -> str:
        agent = self.agents[number]
        rank = LIBRARY if agent.category == "library" else YIELDING if agent.yields else OWN
        free = token[0] in "^*/" or token[-1] == "*"
        flags = (token[0] == "^", token[0] == "*", token[-1] == "*", token[0] == "/")
        self.rules.append(_Rule(not free, rank, agent.family, number, *flags))
        own = rank == OWN and not agent.family
        self.codes.append((number + _SPECIAL if free else number) if own else _WEIGHED)
        self.kinds.append(-1)
        return token.lower().strip("^*").removeprefix("/")

    def _add_free(self, word: str, rank: int) -> str:
        self.rules.append(_Rule(False, rank, False, -1, False, True, True, True))
        self.kinds.append(-1)
        self.codes.append(_WEIGHED)
        return word


@lru_cache(maxsize=1)
def finder() -> Finder:
    """The finder of the catalogue that ships with the package, compiled once per process."""
    return Finder(load().agent)


def _holds(rule: _Rule, low: str, start: int, end: int) -> bool:
    if rule[0]:
        if low[start - 1] not in _STARTS or not (low[end] in _ENDS or _ends_phrase(low, end)):
            return False
    elif rule.anywhere or (rule.anchored and start):
        return rule.anywhere
    elif not (rule.open_right or low[end] in _ENDS or _ends_phrase(low, end)) or not (
        rule.open_left or low[start - 1] in _STARTS
    ):
        return False
    return low[start - 2] not in "eg" or not low.endswith(("like ", "following "), 0, start)


def _ends_phrase(low: str, end: int) -> bool:
    """Whether a dot ends the word, and does not go on as a host name."""
    return low[end] == "." and not low[end + 1].isalpha()


def in_url(low: str, position: int) -> bool:
    """Whether the position lies inside a URL, or behind a host name and a slash."""
    if low[position - 1] in _STARTS:
        return False
    for mark in ("//", "www."):
        begin = low.rfind(mark, max(0, position - FAR), position)
        if begin >= 0 and not _URL_END.search(low, begin, position):
            return True
    return low[position - 1] == "/" and bool(_BARE_HOST.search(low, max(0, position - 80), position))
