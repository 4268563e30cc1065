"""The two access logs of the demo: a real one, moved to these days, and a made one with today's crawlers."""

import gzip
import random
import re
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from crawlight.demo.addresses import Addresses
from crawlight.kit.urls import canonical_path, kind_of

REAL_LOG: Final = Path(__file__).with_name("access-2015.log.gz")
"""A real log in combined format, UTC; README.md beside it names source and licence."""

MADE_NAME: Final = "made-with-todays-crawlers.log"
"""File name of the made log, wherever it is written: nobody shall take it for a real one."""

DAYS: Final = 60
"""Days that the made log spans, today included: a month, and the month before to compare it with."""

_CRAWLERS = Path(__file__).with_name("crawlers.toml")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(rb"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):")
_PAGE = re.compile(r'"GET (\S+) HTTP/[\d.]+" 200 ')
_ROBOTS = ("/robots.txt", "/robots.txt", "/robots.txt", "/sitemap.xml", "/llms.txt")
_ASSETS = ("/style2.css", "/reset.css", "/favicon.ico", "/images/jordan-80.png")
_MONTH = 30


def shifted(log: Path, now: datetime) -> tuple[int, Iterator[bytes]]:
    """Return the number of days to add, and the lines of a gzipped log with their days moved by it.

    The last day of the log becomes the day before ``now`` (UTC); times of day stay. Lines keep their end of
    line; those without a readable date come as they are.
    """
    last = max(filter(None, map(_day_of, _lines(log))))
    moved_by = now.astimezone(UTC).date() - timedelta(days=1) - last
    return moved_by.days, (_moved(line, moved_by) for line in _lines(log))


def top_pages(log: Path, count: int = 60) -> list[str]:
    """Return the canonical paths, without query, of a gzipped log that were asked for most, most first."""
    found: Counter[str] = Counter()
    for line in _lines(log):
        target = _PAGE.search(line.decode("utf-8", "surrogateescape"))
        path = canonical_path(target[1]) if target else None
        if path and "?" not in path and kind_of(path) == "crawl":
            found[path] += 1
    return [path for path, _ in found.most_common(count)]


def made_log(now: datetime, seed: int = 1) -> Iterator[bytes]:
    """Yield the lines of the made log in combined format, in the order of their time, none after ``now``.

    Same moment and seed, same lines; later on the same day, the same lines and some more.
    """
    crawlers: list[dict[str, Any]] = tomllib.loads(_CRAWLERS.read_text(encoding="utf-8"))["crawler"]
    pages, addresses = top_pages(REAL_LOG), Addresses()
    today = now.astimezone(UTC).date()
    for ago in reversed(range(DAYS)):
        day = today - timedelta(days=ago)
        for moment, line in _made_day(day, 1 - ago / _MONTH, crawlers, pages, addresses, seed):
            if moment <= now:
                yield line


def _lines(log: Path) -> Iterator[bytes]:
    with gzip.open(log) as file:
        yield from file


def _day_of(line: bytes) -> date | None:
    found = _DATE.search(line)
    try:
        return date(int(found[3]), _MONTHS.index(found[2].decode()) + 1, int(found[1])) if found else None
    except ValueError:
        return None


def _moved(line: bytes, by: timedelta) -> bytes:
    day = _day_of(line)
    if day is None:
        return line
    return _DATE.sub(f"[{_written(day + by)}:".encode(), line, count=1)


def _written(day: date) -> str:
    return f"{day.day:02}/{_MONTHS[day.month - 1]}/{day.year}"


def _made_day(
    day: date,
    progress: float,
    crawlers: Sequence[dict[str, Any]],
    pages: Sequence[str],
    addresses: Addresses,
    seed: int,
) -> list[tuple[datetime, bytes]]:
    """Return one day's requests with their moments; ``progress`` is 1 today, 0 a month ago, -1 two months ago."""
    draw = random.Random(f"{seed} {day}")  # noqa: S311 - a demo, no secret
    made = []
    for crawler in crawlers:
        for _ in range(_requests(draw, day, progress, crawler)):
            second = draw.randrange(86_400)
            moment = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
            address = addresses.draw(draw, crawler["user_agent"])
            request = _request(draw, pages, people=crawler.get("people", False))
            stamp = f"{_written(day)}:{moment:%H:%M:%S} +0000"
            made.append(
                (moment, f'{address} - - [{stamp}] {request} "-" "{crawler["user_agent"]}"\n'.encode())
            )
    return sorted(made)


def _requests(draw: random.Random, day: date, progress: float, crawler: dict[str, Any]) -> int:
    weekend = day.weekday() >= 5
    rhythm = (0.45 if crawler.get("people") else 0.85) if weekend else 1.1
    expected = crawler["per_day"] * crawler["growth"] ** progress * rhythm * draw.uniform(0.8, 1.2)
    # Rounded at random, so that rare crawlers come on some days instead of never.
    return int(expected + draw.random())


def _request(draw: random.Random, pages: Sequence[str], *, people: bool) -> str:
    """Return request line, status and size as the log has them."""
    kind = draw.random()
    if kind < 0.08 and not people:
        path, status = draw.choice(_ROBOTS), 200
    elif kind < 0.12:
        path, status = draw.choice(_ASSETS), 200
    elif kind < 0.15:
        path, status = f"/moved/{draw.randrange(20)}.html", 404
    else:
        # A few pages get most of the visits, as everywhere.
        path = draw.choices(pages, [1 / (rank + 3) for rank in range(len(pages))])[0]
        status = 304 if draw.random() < 0.06 and not people else 200
    size = "-" if status == 304 else str(1_500 + zlib.crc32(path.encode()) % 40_000)
    return f'"GET {path} HTTP/1.1" {status} {size}'
