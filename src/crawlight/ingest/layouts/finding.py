"""Finds the layout of lines that nobody described: where values look like times, requests, user agents, hosts.

The first lines are cut where quotes, brackets and spaces are. What most of them have in common is the layout; each
column is what nearly all of its values look like.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from crawlight.ingest.layouts import inside
from crawlight.ingest.layouts.layout import Field, Layout, Token, joined
from crawlight.ingest.layouts.likely import IP, LIKE, NO_HOSTS, NOTHING, SURE_AGENT, names_host
from crawlight.ingest.layouts.moments import MAIL, WRITTEN, shape_of
from crawlight.ingest.layouts.pattern import unescaped

_FEWEST: Final = 0.4
"""The share of lines that have to be cut alike."""
_LONGEST: Final = 8_192

_NCSA: Final = r"\d{2}/[A-Za-z]{3}/\d{4}(?::\d{2}){3}(?:[.,]\d+)?"
_DATE: Final = r"\d{4}[-/]\d{2}[-/]\d{2}"
_CLOCK: Final = r"\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?"
_ZONE: Final = r"(?:[+-]\d{2}(?::?\d{2})?|UTC|GMT|Z)"
_OTHERS: Final = "|".join(
    one.replace(" ", r"\ ").replace(r"\\ ", r"\ ") for one in (MAIL, *map(shape_of, WRITTEN))
)
# What a line is cut into. A time with a space inside is one value.
_PIECES: Final = re.compile(
    rf"""
      (?P<agent>(?<=[\ \t,;])Mozilla/\d\.\d\ [^"|\t\n]*$)
    | (?P<gap>[ ]+ | \t | \ ?[|]\ ? | [,;] )
    | "(?P<quoted>[^"]*)"
    | \[(?P<bracket>[^\]]*)\]
    | (?<!\w)\{{(?P<brace>[^}}]*)\}}
    | (?P<time>{_NCSA}(?:\ {_ZONE})? | {_DATE}[ T]{_CLOCK}(?:\ {_ZONE})? | {_OTHERS})(?=[\s|,;\]"]|$)
    | (?P<list>[^\s"\[\]|,;{{}}]+(?:,\ [0-9a-fA-F.:]+)+)(?=\s)
    | (?P<key>[A-Za-z_][\w.-]*(?:=|:(?!//)))(?=["\[\d/A-Za-z-])
    | (?P<word>[^\s"\[\]{{}}|,;]+(?:[,;][^\s"\[\]{{}}|,;]+)*)
    | (?P<sign>.)
    """,
    re.VERBOSE,
)
_REST: Final = "rest"
_VALUES: Final = ("quoted", "bracket", "part", "time", "list", "word", "cell", _REST)
_DELIMITERS: Final = ("\t", " | ", "|")
_FEWEST_CELLS: Final = 5
_CELL: Final = re.compile(r'([A-Za-z_][\w.-]*[=:](?!//) ?)?(?:"([^"]*)"|\[([^\]]*)\]|(.*))', re.DOTALL)
_AROUND: Final = {"quoted": ('"', '"'), "bracket": ("[", "]")}


class _Cut(NamedTuple):
    """A line in pieces: what kind each is, and its text; the signature has gaps and keys as they are."""

    signature: tuple[str, ...]
    texts: list[str]


def found_layout(lines: Iterable[bytes]) -> Layout | None:
    """The layout of most of the lines, which may lack what an import needs; None where they are not alike."""
    texts = [unescaped(line).decode("latin-1").rstrip() for line in lines if len(line) <= _LONGEST]
    if not texts:
        return None
    delimiter = _delimiter(texts)
    cuts = [_cells(text, delimiter) if delimiter else _cut(text) for text in texts]
    signature, number = Counter(cut.signature for cut in cuts).most_common(1)[0]
    if number < len(cuts) * _FEWEST:
        return None
    alike = [cut.texts for cut in cuts if cut.signature == signature]
    return _layout(signature, alike)


def _delimiter(lines: Sequence[str]) -> str:
    """What stands between the fields of most lines, as often in each; empty where that are spaces, or nothing sure."""
    for sign in _DELIMITERS:
        number, alike = Counter(line.count(sign) for line in lines).most_common(1)[0]
        if number + 1 >= _FEWEST_CELLS and alike > len(lines) / 2:
            return sign
    return ""


def _cells(line: str, delimiter: str) -> _Cut:
    """A line whose fields may hold spaces: keys and quotes in them are cut off."""
    kinds, texts = list[str](), list[str]()
    for cell in line.split(delimiter):
        found = _CELL.fullmatch(cell)
        key, quoted, bracket, plain = found.groups() if found else (None, None, None, cell)
        between = [delimiter] if kinds else []
        kind = "quoted" if quoted is not None else "bracket" if bracket is not None else "cell"
        value = next(text for text in (quoted, bracket, plain, "") if text is not None)
        kinds += [*between, *([key] if key else []), kind]
        texts += [*between, *([key] if key else []), value]
    return _Cut(tuple(kinds), texts)


def _cut(line: str) -> _Cut:
    pieces: list[tuple[str, str]] = []
    for found in _PIECES.finditer(line.rstrip()):
        kind = found.lastgroup or "sign"
        if kind == "brace":
            # The headers that HAProxy captured: {host|user agent}.
            parts = [("part", text) for text in found[kind].split("|")]
            between = [("|", "|")] * len(parts)
            inside = [piece for pair in zip(parts, between, strict=True) for piece in pair][:-1]
            pieces += [("{", "{"), *inside, ("}", "}")]
        elif kind == "agent":
            # Without quotes a user agent is all that is left of the line.
            pieces.append((_REST, found[kind]))
        else:
            pieces.append((kind if kind in _VALUES else found[0], found[kind]))
    return _Cut(tuple(kind for kind, _ in pieces), [text for _, text in pieces])


def _layout(signature: Sequence[str], lines: Sequence[Sequence[str]]) -> Layout:
    roles = _Roles(signature, lines).found()
    tokens: list[Token] = []
    for place, kind in enumerate(signature):
        if kind not in _VALUES:
            tokens.append(kind)
            continue
        before, behind = _AROUND.get(kind, ("", ""))
        role, front = roles.get(place, ("", ""))
        shape = ".*" if kind == _REST else r"[^\]]*" if kind == "bracket" and role != "time" else ""
        values = [texts[place] for texts in lines]
        if role in inside.LIKE:
            tokens += [before, *inside.tokens_of(role, values), behind]
            continue
        kind_of_time = inside.kind_of(values) if role == "time" else ""
        if role == "request" and inside.begin_with_hosts(values):
            tokens += [before, *inside.with_host(values), behind]
            continue
        if role == "time" and not kind_of_time:
            role, shape = "", r"[^\]]*" if kind == "bracket" else ""
        field = Field(
            role or f"field {place}", role, place, shape if not role or kind == _REST else "", kind_of_time
        )
        tokens += [before + front, field, behind]
    return Layout(joined(tokens))


class _Roles:
    """What the columns are."""

    def __init__(self, signature: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        self._kinds = signature
        self._columns = {
            place: [texts[place] for texts in lines]
            for place, kind in enumerate(signature)
            if kind in _VALUES
        }
        self._roles: dict[int, tuple[str, str]] = {}

    def found(self) -> dict[int, tuple[str, str]]:
        """The role of each place that has one, and literal text inside of its brackets before the value."""
        self._give("time", self._first("time"))
        if not self._has("time"):
            self._give(inside.TIME, self._inside(inside.TIME, ("quoted", "bracket")))
        self._give("request", self._first("request", 0.5, kinds=("quoted", "bracket", "cell")))
        if not self._has("request"):
            self._give("method", self._first("method"))
            behind = self._first("target", behind=self._place("method"))
            self._give("target", self._first("target") if behind is None else behind)
        asked = self._place("request") if self._has("request") else self._place("target")
        self._give("status", self._first("status", behind=asked) or self._first("status"))
        if not self._has("status"):
            self._give(inside.STATUS, self._inside(inside.STATUS, ("word",)))
        self._give("user_agent", self._agent(asked))
        self._give("forwarded", self._forwarded())
        before = self._first("address")
        if before is not None and (before < asked or not self._has("forwarded")):
            self._give("address", before)
        self._addresses_inside()
        if self._has("address") or self._has("forwarded"):
            self._give("host", self._host())
        self._host_of_url()
        return self._roles

    def _inside(self, part: str, kinds: Sequence[str]) -> int | None:
        for place, values in self._free():
            if self._kinds[place] in kinds and all(map(inside.LIKE[part].fullmatch, values)):
                return place
        return None

    def _give(self, role: str, place: int | None) -> None:
        if place is not None:
            self._roles[place] = (role, "")

    def _has(self, role: str) -> bool:
        return any(role == given for given, _ in self._roles.values())

    def _place(self, role: str) -> int:
        return next((place for place, (given, _) in self._roles.items() if given == role), -1)

    def _first(
        self, role: str, share: float = inside.NEARLY_ALL, *, behind: int = -1, kinds: Sequence[str] = _VALUES
    ) -> int | None:
        like = LIKE[role].fullmatch
        for place, values in self._free():
            there = any(value not in NOTHING for value in values)
            if there and place > behind and self._kinds[place] in kinds and _share(values, like) >= share:
                return place
        return None

    def _free(self) -> list[tuple[int, list[str]]]:
        return [(place, values) for place, values in self._columns.items() if place not in self._roles]

    def _agent(self, asked: int) -> int | None:
        """Where most values are surely user agents; of several places the one behind the request, not before."""
        shares = {
            place: _share(values, SURE_AGENT.match) + (place > asked) / 10
            for place, values in self._free()
            if _share(values, LIKE["user_agent"].fullmatch) >= 0.5 and _share(values, SURE_AGENT.match) > 0.2
        }
        return max(shares, key=lambda place: shares[place], default=None)

    def _addresses_inside(self) -> None:
        """``[Client 192.0.2.1]``: a name and an address in brackets."""
        for place, values in self._free():
            inside = [re.fullmatch(rf"(client[ :=]+)({IP})", value, re.IGNORECASE) for value in values]
            if self._kinds[place] == "bracket" and not self._has("address") and inside[0] and all(inside):
                self._roles[place] = ("address", inside[0][1])

    def _forwarded(self) -> int | None:
        """Addresses of a proxy's header: a list, or another one. Mostly there, or it says nothing."""
        for place, values in self._free():
            like = _share(values, LIKE["forwarded"].fullmatch) >= inside.NEARLY_ALL
            there = _share(values, lambda value: value not in NOTHING) >= 0.5
            lists = any("," in value for value in values)
            if like and there and (lists or place != self._first("address")):
                return place
        return None

    def _host_of_url(self) -> None:
        """``https://example.com`` apart from the request line."""
        for place, values in self._free() if self._has("request") and not self._has("host") else ():
            scheme = values[0].partition("://")[0] + "://"
            if all(
                value.startswith(scheme) and LIKE["host"].fullmatch(value[len(scheme) :]) for value in values
            ):
                self._roles[place] = ("host", scheme)
                return

    def _host(self) -> int | None:
        """Names of hosts in nearly all lines, beside bare addresses that were asked for."""
        for place, values in sorted(self._free(), key=lambda one: not names_host(self._key(one[0]))):
            named = [value for value in values if value not in NOTHING]
            hosts = [
                value for value in named if LIKE["host"].fullmatch(value) and not NO_HOSTS.fullmatch(value)
            ]
            others = len(named) - len(hosts) - sum(1 for value in named if LIKE["address"].fullmatch(value))
            many = len(hosts) >= max(len(named) * 0.5, len(values) * 0.3, 1)
            if many and others <= len(values) * 0.1 and self._may_be_host(place):
                return place
        return None

    def _key(self, place: int) -> str:
        """What stands before a value as its name, such as ``host=``."""
        before = self._kinds[place - 1] if place else ""
        return before if before.rstrip().endswith(("=", ":")) else ""

    def _may_be_host(self, place: int) -> bool:
        """Before the request anywhere, behind it only in quotes or brackets, or last."""
        if key := self._key(place):
            return names_host(key) or self._kinds[place] != "word"
        asked = max(self._place("request"), self._place("target"))
        return (
            place < asked
            or self._kinds[place] in ("quoted", "part", "bracket", "cell")
            or place == len(self._kinds) - 1
        )


def role_of(values: Sequence[str]) -> str:
    """Whether values are user agents, or hosts, or a proxy's addresses: the role, empty where they are neither."""
    named = [value for value in values if value not in NOTHING]
    if named and _share(named, SURE_AGENT.match) > 0.5:
        return "user_agent"
    if named and _share(named, LIKE["forwarded"].fullmatch) >= inside.NEARLY_ALL:
        return "forwarded"
    hosts = [one for one in named if LIKE["host"].fullmatch(one) and not NO_HOSTS.fullmatch(one)]
    return "host" if named and len(hosts) >= len(named) * inside.NEARLY_ALL else ""


def _share(values: Sequence[str], like: Callable[[str], object]) -> float:
    return sum(1 for value in values if like(value)) / len(values)
