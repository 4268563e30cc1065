"""What stands where in a log of JSON: learned from its first records, by names and by what the values look like."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from crawlight.errors import UserError
from crawlight.ingest.importers.json_keys import NAMES, UNITS, WRITERS, Writer
from crawlight.ingest.importers.json_records import Key, Place, Scalar, named, places_of, shown

_NAME: Final = re.compile(r"[\w@.: ()/$#-]{1,100}")
_MOST_PLACES: Final = 3
_NEARLY: Final = 0.8
_PLUS: Final = re.compile(r"Mozilla/\d\.\d\+\(")
_ABSOLUTE: Final = re.compile(r"https?://", re.IGNORECASE)

TIMES: Final = {
    "number": re.compile(r"[1-9]\d{8,18}(\.\d*)?"),
    "iso": re.compile(r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d?:\d\d.*|\d{8}T\d{6}.*"),
    "ncsa": re.compile(r"\[?\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d.*"),
    "words": re.compile(r"[A-Z][a-z]{2} \d\d?, \d{4},? (@ )?\d\d:\d\d:\d\d(\.\d+)?"),
    "rfc1123": re.compile(r"[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} .*"),
}
"""How times are written, by the text as it is logged."""
_CLOCK: Final = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ZONE: Final = re.compile(r"(Z|UTC|GMT|[+-]\d\d:?(\d\d)?)\]?$")

_LIKELY: Final[Mapping[str, Callable[[str], object]]] = {
    "time": lambda text: any(one.fullmatch(text) for one in TIMES.values()) or _CLOCK.fullmatch(text),
    "date": _DAY.fullmatch,
    "visitor": re.compile(r"[0-9a-fA-F]*[.:][0-9a-fA-F.:]+").match,
    "forwarded": re.compile(r"(for=|[\"\[]?[0-9a-fA-F]*[.:][0-9a-fA-F.:]+|unknown)", re.IGNORECASE).match,
    "address": re.compile(r"\[?[0-9a-fA-F]*[.:][0-9a-fA-F.:*]+").match,
    "host": re.compile(r"(\[[0-9a-fA-F:]+\]|[\w-]+(\.[\w-]+)+\.?|localhost)(:\d+)?").fullmatch,
    "method": re.compile(r"[A-Z][A-Z_-]{2,19}|[a-z]{3,9}").fullmatch,
    "target": re.compile(r"/|https?://|\*$", re.IGNORECASE).match,
    "query": re.compile(r"-?$|[^/\s]+$").match,
    "request": re.compile(r"[A-Z][A-Z-]{2,19} +\S").match,
    "status": re.compile(r"[1-5]\d\d(\.0)?").fullmatch,
    "user_agent": re.compile(r"[^/]|$").match,
    "size": re.compile(r"\d{1,10}").fullmatch,
    "duration": re.compile(r"\d{1,9}(\.\d*)?(e-?\d+)?(s|ms|us|µs|ns)?").fullmatch,
}
"""What the values of each look like: a name alone says too little."""


class Plan(msgspec.Struct):
    """Where a log has what."""

    places: dict[str, list[Place]]
    """Of each that is there, the places in the order in which they are asked."""
    writer: Writer | None
    only: list[tuple[Place, Sequence[str]]]
    """Values of places without which a record is no request."""
    absolute: bool
    """Whether targets name the host."""
    encoded: str
    """How user agents are written: ``url`` is URL-encoded, ``plus`` has a plus sign for each space, else as sent."""
    zoned: bool
    """Whether times say their zone."""
    times: Sequence[str]
    """The kinds of times, of `TIMES`."""

    @property
    def measures(self) -> dict[str, str]:
        """Which sizes and times there are, and their units."""
        found = {"size": "", "duration": self._unit()}
        return {role: unit for role, unit in found.items() if role in self.places}

    def _unit(self) -> str:
        name = named(self.places["duration"][0]).rpartition(".")[2] if "duration" in self.places else ""
        own = self.writer.duration if self.writer and name in ("duration", "timetaken") else ""
        return own or UNITS.get(name, "ms")

    @property
    def hosts(self) -> bool:
        """Whether records say for which host a request was."""
        return "host" in self.places or self.absolute

    def note(self) -> str:
        """What was found out, for people."""
        told = [f"{role}={shown(places[0])}" for role, places in self.places.items()]
        absent = [] if {"method", "request"} & self.places.keys() else ["no method: all count as GET"]
        zone = [] if self.zoned else ["times without a zone are taken for UTC"]
        return "; ".join([", ".join(told), *absent, *zone])


class _Sample:
    """The first records, by the names of their places."""

    def __init__(self, records: Sequence[Mapping[str, object]]) -> None:
        self.records = [places_of(record) for record in records]
        self.by_name: dict[str, dict[Place, None]] = {}
        for record in self.records:
            for place in record:
                self.by_name.setdefault(named(place), {})[place] = None

    def values(self, place: Place) -> list[Scalar | None]:
        return [record.get(place) for record in self.records]

    def likely(self, role: str, place: Place) -> frozenset[int]:
        """The records in which a place holds what looks like it."""
        likely = _LIKELY[role]
        return frozenset(
            number
            for number, value in enumerate(self.values(place))
            if value is not None and not isinstance(value, bool) and likely(_text(value))
        )

    def roots(self) -> list[str]:
        """Objects that may be the record itself, the outermost first."""
        keys = {
            place[:depth] for record in self.records for place in record for depth in range(1, len(place))
        }
        objects = (place for place in keys if all(isinstance(step, Key) for step in place))
        return [
            "",
            *(f"{named(place)}." for place in sorted(objects, key=lambda one: (len(one), named(one)))),
        ]


def learn(
    records: Sequence[Mapping[str, object]], given: Mapping[str, str], wanted: str | None = None
) -> Plan:
    """Where records have what. ``given`` names places, ``wanted`` a writer's format.

    Raises UserError where something is missing that is needed.
    """
    if odd := [name for name in given.values() if name and not _NAME.fullmatch(name)]:
        raise UserError(f"{odd[0]!r} is no name of a key")
    sample = _Sample(records)
    writer = next((one for one in WRITERS if all(mark in sample.by_name for mark in one.marks)), None)
    if wanted and (writer is None or writer.format != wanted):
        raise UserError("no record has the keys that it has to have")
    first: dict[str, list[Place]] | None = None
    for root in sample.roots():
        places = _found(sample, given, root, writer)
        if not _missing(places, writer):
            return _plan(sample, places, writer)
        first = places if first is None else first
    missing = _missing(first or {}, writer)
    there = sorted({shown(place) for places in sample.by_name.values() for place in places})
    if "user_agent" in missing and writer and writer.keep:
        raise UserError(f"{writer.title} lacks the user agent: {writer.keep}")
    raise UserError(
        f"no key is known for {', '.join(missing)}; name each as in --key {missing[0]}=NAME"
        f" (keys there: {', '.join(there[:60]) or 'none'})"
    )


def _missing(places: Mapping[str, object], writer: Writer | None) -> list[str]:
    """What is needed and not there. Caddy's headers, and with them the user agent, may be left out of its log."""
    needed = {"time", "target"} | (set() if writer and writer.format == "caddy" else {"user_agent"})
    if "request" in places:
        needed.remove("target")
    return sorted(needed - places.keys())


def _found(
    sample: _Sample, given: Mapping[str, str], root: str, writer: Writer | None
) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    requests: frozenset[int] | None = None
    # The user agent first: a record that has one is a request, and what else it has counts.
    for role in ("user_agent", *(one for one in NAMES if one != "user_agent")):
        if role in given:
            found = _said(sample, role, given[role]) if given[role] else []
        else:
            found = _known(sample, role, [f"{root}{name}" for name in NAMES[role]], requests)
            if not found and root and role in ("time", "date"):
                found = _known(sample, role, NAMES[role], requests)
        if role == "duration" and role not in given:
            found = [place for place in found if _tells_its_unit(place, writer)][:1]
        if role == "host" and role not in given and "pid" in sample.by_name:
            # Beside the number of a process (pino, bunyan) it is the machine's.
            found = [place for place in found if named(place) != "hostname"]
        if found:
            places[role] = found
        if role == "user_agent" and found:
            requests = frozenset[int]().union(*(sample.likely(role, place) for place in found))
    return _consistent(sample, places)


def _tells_its_unit(place: Place, writer: Writer | None) -> bool:
    """A bare ``duration`` may be of any unit: only of some writers it is known which."""
    name = named(place)
    return not name.endswith("duration") or name == "event.duration" or bool(writer and writer.duration)


def _said(sample: _Sample, role: str, name: str) -> list[Place]:
    for places in sample.by_name.values():
        for place in places:
            if shown(place) == name:
                return [place]
    raise UserError(f"no line has the key {name} that --key {role}= names")


def _known(sample: _Sample, role: str, names: Sequence[str], requests: frozenset[int] | None) -> list[Place]:
    """The place that holds it in nearly as many records as any, then those that hold it where that one does not."""
    places = list(dict.fromkeys(place for name in names for place in sample.by_name.get(name, ())))
    likely = {place: sample.likely(role, place) for place in places}
    if requests:
        likely = {place: records & requests for place, records in likely.items()}
    most = max((len(records) for records in likely.values()), default=0)
    chosen: list[Place] = []
    covered: frozenset[int] = frozenset()
    for place, records in sorted(likely.items(), key=lambda one: len(one[1]) < most * _NEARLY):
        if records - covered and len(chosen) < _MOST_PLACES and not _crosses(place, chosen):
            chosen.append(place)
            covered |= records
    return chosen


def _crosses(place: Place, others: Sequence[Place]) -> bool:
    """Whether a place lies within another: one extraction has it as a text or as an object, not as both."""
    return any(place[: len(one)] == one or one[: len(place)] == place for one in others)


def _consistent(sample: _Sample, places: dict[str, list[Place]]) -> dict[str, list[Place]]:
    """Without what others make needless."""
    if "method" in places and "target" in places:
        places.pop("request", None)
    elif "request" in places:
        places = {role: found for role, found in places.items() if role not in ("method", "target", "query")}
    if "date" in places and not all(map(_CLOCK.fullmatch, _texts(sample, places.get("time", [])))):
        places.pop("date")
    elif "date" not in places and any(map(_CLOCK.fullmatch, _texts(sample, places.get("time", [])))):
        places.pop("time")
    return places


def _plan(sample: _Sample, places: dict[str, list[Place]], writer: Writer | None) -> Plan:
    times = _texts(sample, places["time"])
    agents = _texts(sample, places.get("user_agent", []))
    only = [
        (place, values)
        for name, values in (writer.only.items() if writer else ())
        for place in sample.by_name.get(name, ())
    ]
    return Plan(
        places,
        writer,
        only,
        absolute=any(map(_ABSOLUTE.match, _texts(sample, places.get("target", [])))),
        encoded=_encoded(agents),
        times=["iso"] if "date" in places else _kinds_of(times),
        zoned="date" in places or any(TIMES["number"].fullmatch(one) or _ZONE.search(one) for one in times),
    )


def _kinds_of(times: Sequence[str]) -> list[str]:
    return [kind for kind, written in TIMES.items() if any(map(written.fullmatch, times))] or list(TIMES)


def _encoded(agents: Sequence[str]) -> str:
    if any(" " in text for text in agents):
        return ""
    return "url" if any("%20" in text for text in agents) else "plus" if any(map(_PLUS.match, agents)) else ""


def _texts(sample: _Sample, places: Sequence[Place]) -> list[str]:
    return [_text(value) for place in places for value in sample.values(place) if value is not None]


def _text(value: Scalar) -> str:
    return value if isinstance(value, str) else f"{value:.6f}" if isinstance(value, float) else str(value)
