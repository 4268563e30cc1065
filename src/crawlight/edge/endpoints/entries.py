"""What ``POST /v1/event/crawl`` takes: entries, checked one by one, and the records that they become."""

import re
from datetime import datetime, timedelta
from math import ceil
from typing import Final

import msgspec

from crawlight.bots.identity import Identity
from crawlight.bots.matcher import classify
from crawlight.bots.visitors import is_chain
from crawlight.crawls.crawl import MOST_MEASURED, Record
from crawlight.ids import DomainId
from crawlight.kit.urls import MAX_URL_BYTES, format_of, kind_of

MOST_ENTRIES: Final = 1_000
MOST_ID_CHARACTERS: Final = 128
OLDEST: Final = timedelta(days=366)
FUTURE: Final = timedelta(minutes=5)
"""Which moments are taken, seen from now; others are ignored."""
_OLDEST_SECONDS: Final = OLDEST.total_seconds()
_FUTURE_SECONDS: Final = FUTURE.total_seconds()

_FIRST_MILLISECONDS: Final = 100_000_000_000
"""A number from here on counts milliseconds: as such it is in 1973, as seconds in the year 5138."""
_FETCHED: Final = (None, "GET", "HEAD")

_ABSOLUTE = re.compile(r"https?://[^/]", re.IGNORECASE)
_POSITION = re.compile(r" - at `\$(?:\[(\d+)\])?\.?([^`]*)`$")


class Entry(msgspec.Struct, rename="camel", gc=False):
    """One request that some server answered: to be given as it was seen there."""

    url: str
    user_agent: str
    ip: str | None = None
    time: str | int | float | None = None
    status: int | None = None
    id: str | None = None
    method: str | None = None
    bytes: object = None
    milliseconds: object = None


class MalformedEntryError(Exception):
    """An entry that is none; its place in the body, from 0, and why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class NoEntriesError(Exception):
    """A body that is neither an entry nor an array of entries."""


_one = msgspec.json.Decoder(Entry)
_many = msgspec.json.Decoder(list[Entry])


def read_entries(body: bytes) -> list[tuple[Entry, float | None]]:
    """The entries of a body, each with its time in Unix seconds, None where it has none.

    Raises NoEntriesError, or MalformedEntryError for the first entry that is malformed.
    """
    try:
        entries = [_one.decode(body)] if body.lstrip()[:1] == b"{" else _many.decode(body)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoEntriesError("body is no JSON") from None
    if len(entries) > MOST_ENTRIES:
        raise MalformedEntryError(MOST_ENTRIES, f"more than {MOST_ENTRIES} entries")
    return [(entry, _checked(index, entry)) for index, entry in enumerate(entries)]


def _malformed(message: str) -> Exception:
    """The error of a decoder, ``Expected `str`, got `int` - at `$[3].url```, as ours."""
    match = _POSITION.search(message)
    if match is None or (match[1] is None and not match[2]):
        return MalformedEntryError(0, message) if "required field" in message else NoEntriesError(message)
    where = f"{match[2]}: " if match[2] else ""
    return MalformedEntryError(int(match[1] or 0), f"{where}{message[: match.start()]}")


def _checked(index: int, entry: Entry) -> float | None:
    """The time of an entry. Raises MalformedEntryError."""
    try:
        _check(entry)
        return None if entry.time is None else _seconds(entry.time)
    except ValueError as error:
        raise MalformedEntryError(index, str(error)) from None


def _check(entry: Entry) -> None:
    if not _ABSOLUTE.match(entry.url):
        raise ValueError("url: begins with http:// or https:// and a host")
    if entry.ip and not is_chain(entry.ip):
        raise ValueError("ip: is an IPv4 or IPv6 address, or a list of them as in X-Forwarded-For")
    if entry.status is not None and not 100 <= entry.status <= 599:
        raise ValueError("status: is a number from 100 to 599")
    if entry.id is not None and not 1 <= len(entry.id) <= MOST_ID_CHARACTERS:
        raise ValueError(f"id: has 1 to {MOST_ID_CHARACTERS} characters")
    measured("bytes", entry.bytes)
    measured("milliseconds", entry.milliseconds)


def measured(name: str, value: object) -> int:
    """A reported size or time as records hold it, 0 for none. Raises ValueError for what no answer has."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_MEASURED:
        raise ValueError(f"{name}: is a number from 0 to {MOST_MEASURED}")
    return ceil(value)


def _seconds(time: str | float) -> float:
    try:
        if not isinstance(time, str):
            return float(time) / (1000 if time >= _FIRST_MILLISECONDS else 1)
        moment = msgspec.convert(time, datetime)
        if moment.tzinfo is None:
            raise ValueError
        return moment.timestamp()
    except (msgspec.ValidationError, ValueError, OverflowError):
        raise ValueError(
            "time: is RFC 3339 with its zone, as in 2026-06-29T12:00:00Z, or Unix seconds or milliseconds"
        ) from None


def record_of(
    entry: Entry, seconds: float | None, domain_id: DomainId, path: str, identity: Identity, now: float
) -> Record | None:
    """The record that an entry becomes; None where it is neither a crawl nor anything kept beside crawls."""
    when = now if seconds is None else seconds
    if (entry.method and entry.method.upper()) not in _FETCHED:
        return None
    agent = classify(entry.user_agent)
    kind = kind_of(path)
    if agent is None or kind == "asset" or len(entry.url) > MAX_URL_BYTES:
        return None
    if not now - _OLDEST_SECONDS <= when <= now + _FUTURE_SECONDS:
        return None
    library = agent.category == "library"
    address = identity.visitor(entry.ip or "")
    verdict = None if library else identity.judge(agent, address, when)
    return Record(
        domain_id=domain_id,
        ts=int(when),
        kind="library" if library else kind,
        agent=agent.name,
        key=agent.key or "",
        category=agent.category,
        identity="none" if verdict is None else verdict.identity,
        outcome="none" if library or kind != "crawl" else "passthrough",
        status=entry.status or 0,
        source="event",
        path=path,
        # An address is kept only where it may still matter, and only until the record is loaded.
        address=address if verdict is not None and verdict.may_change else "",
        event_id=entry.id or "",
        bytes=measured("bytes", entry.bytes),
        milliseconds=measured("milliseconds", entry.milliseconds),
        format=format_of(path),
    )
