"""Finds the catalogue's tokens, and signs of unknown crawlers, in one pass over a user agent.

A token matches without regard to case, at word boundaries, and outside of URLs and e-mail addresses.
A leading ``^`` ties it to the start of the string, a leading or trailing ``*`` lifts the boundary on that
side, and a leading ``/`` makes it a piece of a URL instead, for crawlers known by their contact page.

Strings are searched in lower case, as bytes, whose places need no translation, and with one space added behind, so
that every piece has neighbours: index -1 is that space too.
"""

from collections.abc import Callable
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from crawlight.bots.catalogue import Agent, load

OWN, YIELDING, LIBRARY, NATIVE, PERSON = range(5)
"""Ranks of a hit, best first: an agent's own token, a token that other products carry along, a library;
the HTTP stack of a native app; a program with a person before it."""

WORD, PHRASE, CONTACT, SITE, TRADE = range(5)
"""Kinds of signs, strongest first."""

SIGNS = (
    (WORD, (b"bot", b"crawl", b"spider", b"slurp", b"scrap")),
    (PHRASE, (b"compatible;", b"compatible,")),
    (CONTACT, (b"://", b"@", b"+www.")),
    (
        SITE,
        (
            b"www.",
            b".com",
            b".net/",
            b".org",
            b".io",
            b".ai",
            b".de",
            b".fr",
            b".ru",
            b".eu",
            b".jp",
            b".info",
            b".pt",
        ),
    ),
    (
        TRADE,
        (
            b"scanner",
            b"-scan",
            b"checker",
            b"monitor",
            b"validat",
            b"analyzer",
            b"analyser",
            b"inspector",
            b"auditor",
        ),
    ),
    (
        TRADE,
        (
            b"harvester",
            b"extractor",
            b"archiver",
            b"indexer",
            b"grabber",
            b"collector",
            b"tester",
            b"optimizer",
        ),
    ),
    (
        TRADE,
        (b"agent", b"fetcher", b"finder", b"screenshot", b"thumbnail", b"prober", b"linkcheck", b"crawler"),
    ),
)

_PEOPLE = (
    b"googleimageproxy",
    b"yahoomailproxy",
    b"googleweblight",
    b"bsalsa.com",
    b"(web.de/",
    b"hbbtv",
    b"kepler/",
    b" electron/",
)
"""Mail proxies, transcoders, a browser control, a browser's edition, televisions, desktop shells: no crawlers, unless
a monitor uses one."""

_STACKS = (b"cfnetwork/", b"okhttp/", b"dalvik/", b"kaspersky")
"""What apps for people ask with."""


HEAD = 4
"""Letters by which agents' own tokens are looked up where a string begins to say what it is."""

_STARTS = frozenset(b" \t;,:(){}[]<>|'\"+*!^`")
_ENDS = _STARTS | frozenset(b"0123456789/-_=#&?~%$\\")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_DOT = ord(".")

Match = tuple[int, int, int]
"""Number of the piece found, its start and its end."""

Hit = tuple[int, bool, int, int, int]
"""Rank, whether a family, start, minus end, number of the agent: sorts by preference, best first."""

_Rule = tuple[int, bool, int, bool, bool, bool, bool]
"""Rank, whether a family, number of the agent; anchored; open on the left, on the right; anywhere, in a URL too."""

_Heads = dict[bytes, list[tuple[bytes, bool, Agent]]]
"""By first letters: agents' own tokens, the longest first, whether the word may go on behind, and the agent."""

_Find = Callable[[bytes, bool], list[Match]]
"""Where the words of a fixed set are in a string; the flag asks for those too that overlap others."""


class Finder:
    """The compiled catalogue. Pieces are numbered: tokens, marks of people and native apps, signs.

    ``find(low, True)`` says where pieces are in a string, overlapping ones too.
    """

    def __init__(self, agents: tuple[Agent, ...]) -> None:
        self.agents = agents
        tokens = [(token, number) for number, agent in enumerate(agents) for token in agent.tokens]
        words = [token.lower().strip("^*").removeprefix("/").encode() for token, _ in tokens]
        rules = [_rule(token, agents[number], number) for token, number in tokens]
        free = [_free(PERSON)] * len(_PEOPLE) + [_free(NATIVE)] * len(_STACKS)
        self._rules = [*rules, *free]
        self._kinds = [kind for kind, group in SIGNS for _ in group]
        words_and_rules = sorted(zip(words, rules, strict=True), key=lambda pair: -len(pair[0]))
        self._first = self._by_head(words_and_rules)
        self._later = self._by_head([pair for pair in words_and_rules if not pair[1][3]])
        marks = [*_PEOPLE, *_STACKS]
        self._marks: _Find = BytesAhoCorasick(
            marks, matchkind=MatchKind.LeftmostLongest
        ).find_matches_as_indexes
        self.find: _Find = BytesAhoCorasick(
            [*words, *marks, *[sign for _, group in SIGNS for sign in group]],
            implementation=Implementation.DFA,
        ).find_matches_as_indexes

    def introduced(self, low: bytes, start: int) -> Agent | None:
        """The agent whose own token is at ``start``, where the string begins to say what it is.

        A short cut that says nothing else than weighing all that is found: ranks come first, and none is better than
        an agent's own; then places, and none that counts is before this one; then lengths, and the longest token is
        tried first. Only people and native apps go before all of that, so none of their marks may be in the string.
        """
        heads = self._later if start else self._first
        for word, may_go_on, agent in heads.get(low[start : start + HEAD], ()):
            end = start + len(word)
            if low.startswith(word, start) and (may_go_on or _ends(low, end)):
                return None if self._marks(low, False) else agent
        return None

    def sort_out(self, matches: list[Match], low: bytes) -> tuple[list[Hit], list[Match]]:
        """The tokens among the matches that hold, best first; and the signs, as (kind, start, end), in their order."""
        rules, kinds, first_sign = self._rules, self._kinds, len(self._rules)
        found: list[Hit] = []
        signs: list[Match] = []
        for piece, start, end in matches:
            if piece >= first_sign:
                signs.append((kinds[piece - first_sign], start, end))
            elif _holds(rules[piece], low, start, end):
                rank, family, agent = rules[piece][:3]
                found.append((rank, family, start, -end, agent))
        found.sort()
        return (_without_libraries(found) if found and found[0][1] else found), signs

    def _by_head(self, longest_first: list[tuple[bytes, _Rule]]) -> _Heads:
        heads: _Heads = {}
        for word, (rank, family, agent, _, _, open_right, anywhere) in longest_first:
            if rank == OWN and not family and len(word) >= HEAD:
                heads.setdefault(word[:HEAD], []).append((word, open_right or anywhere, self.agents[agent]))
        return heads


@cache
def finder() -> Finder:
    """The finder of the catalogue that ships with the package, compiled once per process."""
    return Finder(load().agent)


def _rule(token: str, agent: Agent, number: int) -> _Rule:
    rank = LIBRARY if agent.category == "library" else YIELDING if agent.yields else OWN
    flags = (token[0] == "^", token[0] == "*", token[-1] == "*", token[0] == "/")
    return rank, agent.family, number, *flags


def _free(rank: int) -> _Rule:
    return rank, False, -1, False, True, True, True


def _holds(rule: _Rule, low: bytes, start: int, end: int) -> bool:
    _, _, _, anchored, open_left, open_right, anywhere = rule
    if anywhere or (anchored and start):
        return anywhere
    if not (open_left or low[start - 1] in _STARTS) or not (open_right or _ends(low, end)):
        return False
    return low[start - 2] not in b"eg" or not low.endswith((b"like ", b"following "), 0, start)


def _ends(low: bytes, end: int) -> bool:
    """Whether a word ends here. A dot ends it too, where it does not go on as a host name."""
    return low[end] in _ENDS or (low[end] == _DOT and low[end + 1] not in _LETTERS)


def _without_libraries(found: list[Hit]) -> list[Hit]:
    """A family that comes first gives way where its word is a library's name: a program of its users, not its own."""
    libraries = {hit[2] for hit in found if hit[0] == LIBRARY and not hit[1]}
    return [hit for hit in found if not (hit[1] and hit[2] in libraries)]
