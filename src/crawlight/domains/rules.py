"""Routing rules of a domain, pure: which one a request meets, and where that leads.

The first rule of the list that fits wins. A source is a path: ``/page`` fits itself alone, ``/blog/*`` also everything
below and ``/blog``, ``:name`` one segment. What ``*`` stood for is ``:splat`` in the destination. Paths are compared
as canonical ones are written (`kit.urls`): with regard to case, ``%2F`` is no slash, a slash at the end counts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, get_args

import msgspec

from crawlight.kit.urls import canonical_path, normal_percent

RuleType = Literal["301", "302", "307", "308", "410", "proxy"]
TYPES: Final[tuple[RuleType, ...]] = get_args(RuleType)
REDIRECTS: Final = frozenset(("301", "302", "307", "308"))

LONGEST_CHAIN: Final = 20
"""Steps from rule to rule after which a chain is taken to have no end."""

MOST_PREFIXES: Final = 64

# What means nothing else to Caddy's matcher of paths.
_PLAIN: Final = re.compile(r"[^%*?{}\[\]\\]*")
_PIECE: Final = re.compile(r"\*|:[A-Za-z_][A-Za-z0-9_]*")
_TAKEN: Final = re.compile(r":([A-Za-z_][A-Za-z0-9_]*)")
_OWN: Final = re.compile(r"https?://(?:www\.)?([^/?#:]+)(?::(?:80|443))?(?=[/?#]|$)", re.IGNORECASE)


class Rule(msgspec.Struct, frozen=True):
    """One rule. ``destination`` is a path or an absolute URL, empty of a 410."""

    source: str
    destination: str
    type: RuleType


class Met(msgspec.Struct, frozen=True):
    """What a request met: the rule's number in the list, from 1, what is answered, and where that leads.

    ``location`` is a path of the domain or an absolute URL; of chains the end of it. Empty of a 410.
    """

    number: int
    type: RuleType
    location: str


class Rules:
    """The rules of a domain, made ready: exact ones by their path, patterns by their first segment."""

    def __init__(self, host: str, rules: Sequence[Rule]) -> None:
        self._host = host
        self._rules = rules
        self._exact: dict[str, int] = {}
        self._patterns: dict[str, list[tuple[int, re.Pattern[str]]]] = {}
        for number, rule in enumerate(rules):
            if not is_pattern(rule.source):
                self._exact.setdefault(normal_percent(rule.source), number)
            else:
                self._patterns.setdefault(_first_segment(rule.source), []).append(
                    (number, compiled(rule.source))
                )

    def __len__(self) -> int:
        return len(self._rules)

    def meet(self, target: str, *, by_pattern: bool = True) -> Met | None:
        """What a request target, ``/path?query`` as it came, meets; None where no rule fits, or fits to no end.

        With ``by_pattern`` false only a rule for the very path counts, as for files that are hosted.
        """
        raw, mark, query = target.partition("?")
        path = canonical_path(raw)
        found = self._step(path, by_pattern=by_pattern) if path else None
        if found is None:
            return None
        return self._follow(*found, mark + query)

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """A few beginnings of paths, decoded and in lower case, of which each path that meets a rule has one.

        One that ends in ``$`` is the whole path.
        """
        few = len(self._rules) <= MOST_PREFIXES
        found = {_beginning(rule.source, whole=few) for rule in self._rules}
        for length in range(max(map(len, found), default=0), 0, -1):
            if len(found) <= MOST_PREFIXES:
                break
            found = {one[:length] for one in found}
        return tuple(sorted(found))

    def _step(self, path: str, *, by_pattern: bool = True) -> tuple[int, str] | None:
        """The number of the first rule that a canonical path fits, and where it leads, unless to that very path."""
        hits: list[tuple[int, Mapping[str, str]]] = []
        if (exact := self._exact.get(path)) is not None:
            hits.append((exact, {}))
        for key in (path.split("/", 2)[1], "") if by_pattern else ():
            for number, pattern in self._patterns.get(key, ()):
                if match := pattern.fullmatch(path):
                    hits.append((number, match.groupdict(default="")))
        for number, taken in sorted(hits, key=lambda hit: hit[0]):
            location = filled(self._rules[number].destination, taken)
            if location != path or self._rules[number].type == "proxy":
                return number, location
        return None

    def _follow(self, number: int, location: str, query: str) -> Met:
        """The end of the chain that begins with a rule, as one step."""
        types: list[RuleType] = [self._rules[number].type]
        for _ in range(LONGEST_CHAIN if types[0] in REDIRECTS else 0):
            own = self.own_path(location)
            onward = self._step(own) if own else None
            if onward is None or self._rules[onward[0]].type not in REDIRECTS:
                break
            if "?" not in onward[1] and "?" in location:
                query = "?" + location.partition("#")[0].partition("?")[2]
            types.append(self._rules[onward[0]].type)
            location = onward[1]
        return Met(number + 1, _together(types), with_query(location, query) if location else "")

    def next_path(self, path: str) -> str | None:
        """Where a canonical path is led on this very domain, by one redirect; None where the way ends or leaves."""
        found = self._step(path)
        if found is None or self._rules[found[0]].type not in REDIRECTS:
            return None
        return self.own_path(found[1])

    def own_path(self, location: str) -> str | None:
        """The canonical path, without query, of a location on the domain itself; None for those elsewhere."""
        if not location.startswith("/"):
            own = _OWN.match(location)
            if own is None or own[1].lower() != self._host:
                return None
            location = location[own.end() :]
        path = location.partition("#")[0].partition("?")[0] or "/"
        return canonical_path(path)


def is_pattern(source: str) -> bool:
    """Say whether a source stands for more than one path."""
    return _PIECE.search(source) is not None


def names_of(text: str) -> list[str]:
    """Names that a source gives, or a destination takes, in their order."""
    return ["splat" if piece == "*" else piece[1:] for piece in _PIECE.findall(text)]


def compiled(source: str) -> re.Pattern[str]:
    """The expression that a canonical path must fit as a whole."""
    ends = source.endswith("/*")
    text = source[:-2] if ends else source
    parts, at = [], 0
    for piece in _PIECE.finditer(text):
        parts.append(re.escape(normal_percent(text[at : piece.start()])))
        parts.append("(?P<splat>.*)" if piece[0] == "*" else f"(?P<{piece[0][1:]}>[^/]+)")
        at = piece.end()
    parts.append(re.escape(normal_percent(text[at:])))
    return re.compile("".join(parts) + (r"(?:/(?P<splat>.*))?" if ends else ""), re.DOTALL)


def filled(destination: str, taken: Mapping[str, str]) -> str:
    """The destination with what the source took. No slash is left at the end where nothing was taken there."""
    if destination.endswith("/:splat") and not taken.get("splat"):
        destination = destination.removesuffix("/:splat") or "/"
    scheme = re.match(r"https?://[^/?#]*", destination)
    start = scheme.end() if scheme else 0
    rest = _TAKEN.sub(lambda name: taken.get(name[1], name[0]), destination[start:])
    return destination[:start] + rest


def with_query(location: str, query: str) -> str:
    """The location with the request's query, ``?a=b`` or empty, unless it has one of its own."""
    bare, mark, fragment = location.partition("#")
    return location if "?" in bare or len(query) < 2 else f"{bare}{query}{mark}{fragment}"


def _together(types: Iterable[RuleType]) -> RuleType:
    """One step in the place of several: permanent if all are, and keeping the method if all do."""
    steps = list(types)
    if len(set(steps)) == 1:
        return steps[0]
    permanent, keeping = set(steps) <= {"301", "308"}, set(steps) <= {"307", "308"}
    if permanent:
        return "308" if keeping else "301"
    return "307" if keeping else "302"


def _first_segment(source: str) -> str:
    """The first segment of a pattern where it says which, else nothing."""
    segment = source.split("/", 2)[1]
    return "" if is_pattern(segment) else normal_percent(segment)


def _beginning(source: str, *, whole: bool) -> str:
    piece = _PIECE.search(source)
    text = source[: piece.start()] if piece else source
    if piece and source.endswith("/*") and text.endswith("/") and len(text) > 1:
        text = text[:-1]
    plain = _PLAIN.match(normal_percent(text))
    beginning = plain[0].lower() if plain else ""
    return f"{beginning}$" if whole and not piece and beginning == text.lower() else beginning
