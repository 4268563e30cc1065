"""Times as logs write them: read in Python for a few lines, in the engine for all others."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from crawlight.errors import UserError
from crawlight.ingest.importers.format import moment

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OTHER_MONTHS: Final = {
    **dict.fromkeys(("ene", "gen"), 1),
    **dict.fromkeys(("fev",), 2),
    **dict.fromkeys(("mrz", "mrt"), 3),
    **dict.fromkeys(("abr", "avr"), 4),
    **dict.fromkeys(("mai", "mei", "mag"), 5),
    **dict.fromkeys(("giu",), 6),
    **dict.fromkeys(("lug",), 7),
    **dict.fromkeys(("ago",), 8),
    **dict.fromkeys(("set",), 9),
    **dict.fromkeys(("okt", "ott", "out"), 10),
    **dict.fromkeys(("dez", "dic"), 12),
}
"""Names of months that are not English: German, Dutch, Spanish, Portuguese, Italian, French. None is of two months."""
_NUMBERS: Final = {name.lower(): number for number, name in enumerate(_MONTHS, 1)} | _OTHER_MONTHS
_ZONE: Final = r"(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)"
_NCSA: Final = r"\d{2}/[A-Za-z]{3}/\d{4}(?::\d{2}){3}"
_ISO: Final = r"\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}"
_FRACTION: Final = r"(?:[.,]\d+)?"
_HOURS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("GMT", "UTC", "WET"), 0),
    "CET": 1,
    "WEST": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "JST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
}
"""Zones by name, hours east of UTC. CST, IST and BST are several, so times in them are not read."""
_NAMED: Final = "|".join(_HOURS)
MAIL: Final = r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|" + _NAMED + ")"

SHAPES: Final[Mapping[str, str]] = {
    "ncsa": _NCSA + r" [+-]\d{4}",
    "ncsa hours": _NCSA + r" [+-]\d\d",
    "ncsa loose": _NCSA + _FRACTION + r"(?: ?" + _ZONE + ")?",
    "iso": _ISO + _FRACTION + r"(?: ?" + _ZONE + ")?",
    "number": r"\d{9,19}" + _FRACTION,
    "mail": MAIL,
    "any": "(?:"
    + "|".join((_NCSA, _ISO))
    + ")"
    + _FRACTION
    + r"(?: ?"
    + _ZONE
    + r")?|\d{9,19}"
    + _FRACTION
    + f"|{MAIL}",
}
"""Kinds of times, and what one looks like: NCSA's, the same with a zone in hours, with fractions or without a zone,
ISO 8601, a number since 1970, mail's (RFC 1123), any of them. Another kind, ``strftime FORMAT``, is made for the
format. Where no zone is written it is UTC.
"""

WRITTEN: Final = tuple(
    f"strftime {form}"
    for form in (
        "%d/%b/%Y:%H:%M:%S %Z",
        "%d/%b/%Y %H:%M:%S",
        "%d/%b/%y:%H:%M:%S %z",
        "%Y-%m-%d %H:%M:%S %Z",
        "%a %b %d %H:%M:%S %Y",
        "%a %b %d %H:%M:%S %Z %Y",
        "%a %d %b %Y %H:%M:%S %z",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%y %H:%M:%S",
        "%d-%b-%Y %H:%M:%S",
        "%b %d, %Y %H:%M:%S",
        "%m/%d/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M:%S",
        "%m/%d/%Y %I:%M:%S %p",
        "%Y%m%dT%H%M%SZ",
    )
)
"""Further kinds as logs have them; what can be two of them is read as neither."""

_LATEST: Final = 4_294_967_295
_EAST_MOST: Final = 14 * 3600
# (pattern, what it is). Numbers are of a fixed width, as strftime writes them.
_PARTS: Final[Mapping[str, str]] = {
    "Y": r"(?P<year>\d{4})",
    "m": r"(?P<month>\d{2})",
    "d": r"(?P<day>[ \d]\d)",
    "e": r"(?P<day>[ \d]\d)",
    "H": r"(?P<hour>\d{2})",
    "M": r"(?P<minute>\d{2})",
    "S": r"(?P<second>\d{2})",
    "b": r"(?P<name>[A-Z][a-z]{2})",
    "h": r"(?P<name>[A-Z][a-z]{2})",
    "z": r"(?P<zone>[+-]\d{2}:?\d{2}|Z)",
    "y": r"(?P<short>\d{2})",
    "s": r"(?P<unix>\d{9,11})",
    "f": r"\d{1,9}",
    "a": r"[A-Z][a-z]{2}",
    "A": r"[A-Z][a-z]+",
    "B": r"(?P<long>[A-Z][a-z]+)",
    "Z": r"(?P<called>[A-Z]{1,5})",
    "I": r"(?P<half>\d{1,2})",
    "p": r"(?P<noon>AM|PM)",
    "j": r"\d{3}",
    "n": r"\n",
    "t": r"\t",
    "%": r"%",
}
_COMBINED: Final = {"T": "%H:%M:%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M", "r": "%I:%M:%S %p"}
_DIRECTIVE: Final = re.compile(r"%[-_0^#EO]?(.)")
_GROUP: Final = re.compile(r"\(\?P<\w+>")


def shape_of(kind: str) -> str:
    """A regular expression, without groups, for times of a kind. Raises UserError for a kind that cannot be read."""
    return SHAPES.get(kind) or _GROUP.sub("(?:", _written(kind.removeprefix("strftime ")))


@lru_cache(4096)
def unix_seconds(text: str, kind: str) -> int | None:
    """Unix seconds of a written time; None where it is none of that kind, or is before 1970 or after 2106."""
    try:
        found = _of_format(text, kind) if kind.startswith("strftime ") else _usual(text)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and 0 < found <= _LATEST else None


def moment_sql(text: str, kind: str) -> str | None:
    """SQL: the DateTime of a text, or NULL; None for a kind that the engine does not read."""
    if kind == "ncsa":
        return (
            f"if(match({text}, '^.{{20}} [+-](?:0[0-9]|1[0-4])[0-5][0-9]$'),"
            f" parseDateTimeOrNull({text}, '%d/%b/%Y:%H:%i:%s %z', 'UTC'), NULL)"
        )
    if kind in ("ncsa hours", "ncsa loose"):
        return _loose_sql(text)
    if kind.startswith("strftime "):
        return None
    if kind == "mail":
        read = f"toDateTimeOrNull(toString(parseDateTime64BestEffortOrNull({text}, 0, 'UTC')), 'UTC')"
        return f"if(match({text}, '(?:GMT|UTC|[+-][0-9]{{4}})$'), {read}, NULL)"
    return moment(f"toNullable({text})")


def _loose_sql(text: str) -> str:
    zone = f"replaceAll(extract({text}, '[+-][0-9]{{2}}(?::?[0-9]{{2}})?$'), ':', '')"
    whole = f"concat(substring({text}, 1, 20), ' ', if({zone} = '', '+0000', rightPad({zone}, 5, '0')))"
    return (
        f"if(match({text}, '^.{{20}}(?:[.,][0-9]+)?(?: ?(?:Z|UTC|GMT|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))?$'),"
        f" parseDateTimeOrNull({whole}, '%d/%b/%Y:%H:%i:%s %z', 'UTC'), NULL)"
    )


def _usual(text: str) -> int | None:
    if re.fullmatch(SHAPES["number"], text):
        return _number(text)
    if re.match(r"\d{4}", text):
        return _iso(text)
    if re.fullmatch(MAIL, text):
        moment_, _, zone = text.rpartition(" ")
        return _seconds(parsedate_to_datetime(f"{moment_} +0000"), zone)
    found = re.fullmatch(rf"(\d\d)/(\w{{3}})/(\d{{4}}):(\d\d):(\d\d):(\d\d){_FRACTION}(?: ?({_ZONE}))?", text)
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()[:6]
    number = _number_of(month)
    return _seconds(
        datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC), found[7]
    )


def _number(text: str) -> int:
    """What a number counts is seen by its size, as `moment` does."""
    number = int(re.split("[.,]", text)[0])
    for limit, unit in ((10**11, 1), (10**14, 1000), (10**17, 10**6)):
        if number < limit:
            return number // unit
    return number // 10**9


def _iso(text: str) -> int | None:
    found = re.fullmatch(rf"({_ISO}){_FRACTION}(?: ?({_ZONE}))?", text)
    if found is None:
        return None
    plain = found[1].replace("/", "-").replace("T", " ")
    return _seconds(datetime.strptime(plain, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC), found[2])


def _seconds(moment_: datetime, zone: str | None) -> int | None:
    offset = _offset(zone)
    return None if abs(offset) > _EAST_MOST + 3599 else int(moment_.timestamp()) - offset


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    if zone[0] not in "+-":
        if zone not in _HOURS:
            raise ValueError(zone)
        return _HOURS[zone] * 3600
    hours, minutes = int(zone[1:3]), int(zone[3:].removeprefix(":") or 0)
    if minutes > 59:
        raise ValueError(zone)
    return (-1 if zone[0] == "-" else 1) * (hours * 3600 + minutes * 60)


def _written(form: str) -> str:
    """A regular expression, with groups, for what strftime makes of a format."""
    for short, long in _COMBINED.items():
        form = form.replace(f"%{short}", long)
    pieces, place = [], 0
    for found in _DIRECTIVE.finditer(form):
        if found[1] not in _PARTS:
            raise UserError(f"times with %{found[1]} cannot be read")
        pieces += [re.escape(form[place : found.start()]), _PARTS[found[1]]]
        place = found.end()
    return "".join(pieces) + re.escape(form[place:])


@lru_cache(64)
def _compiled(form: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        name = found[0]
        if name in seen:
            return "(?:"
        seen.add(name)
        return name

    return re.compile(_GROUP.sub(once, _written(form)))


def _of_format(text: str, kind: str) -> int | None:
    found = _compiled(kind.removeprefix("strftime ")).fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    if unix := parts.get("unix"):
        return int(unix)
    zone = timezone(timedelta(seconds=_offset(parts.get("zone") or parts.get("called"))))
    year = int(parts.get("year") or 2000 + int(parts.get("short") or 0))
    clock = (_hour(parts), int(parts.get("minute") or 0), int(parts.get("second") or 0))
    return int(datetime(year, _month(parts), int(parts.get("day") or 1), *clock, tzinfo=zone).timestamp())


def _month(parts: Mapping[str, str | None]) -> int:
    name = parts.get("name") or (parts.get("long") or "")[:3]
    return _number_of(name) if name else int(parts.get("month") or 1)


def _number_of(month: str) -> int:
    number = _NUMBERS.get(month.lower())
    if number is None:
        raise ValueError(month)
    return number


def _hour(parts: Mapping[str, str | None]) -> int:
    if parts.get("half") is None:
        return int(parts.get("hour") or 0)
    return int(parts["half"] or 0) % 12 + (12 if parts.get("noon") == "PM" else 0)
