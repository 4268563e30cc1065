import gzip
import ipaddress
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from crawlight.bots.addresses import parse_address
from crawlight.bots.assistants import ASSISTANTS
from crawlight.bots.lists import load_ranges
from crawlight.bots.matcher import classify
from crawlight.demo.logs import DAYS, MADE_NAME, REAL_LOG, made_log, shifted, top_pages
from crawlight.demo.visits import made_visits
from crawlight.ids import DomainId
from crawlight.kit.urls import canonical_path, kind_of

NOW = datetime(2026, 6, 29, 12, 0, tzinfo=UTC)
LINE = re.compile(
    rb'(?P<address>\S+) - - \[(?P<time>[^\]]+)\] "GET (?P<path>\S+) HTTP/1\.1" '
    rb'(?P<status>\d{3}) (?P<size>\d+|-) "-" "(?P<agent>[^"]+)"\n'
)
RESERVED = [
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def moment(line: bytes) -> datetime:
    found = re.search(rb"\[([^\]]+)\]", line)
    assert found
    return datetime.strptime(found[1].decode(), "%d/%b/%Y:%H:%M:%S %z")


@pytest.fixture(scope="module")
def made() -> list[re.Match[bytes]]:
    found = [LINE.fullmatch(line) for line in made_log(NOW)]
    assert all(found)
    return [line for line in found if line]


def test_the_real_log_is_the_published_one() -> None:
    content = gzip.decompress(REAL_LOG.read_bytes())
    assert content.count(b"\n") == 10_000
    assert sha256(content).hexdigest() == "f15c31e905f86c7b4b6ab44aee74d0a2086dce89f010187d983edea7ef0364ef"


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2015, 5, 21, tzinfo=UTC), 0),
        (datetime(2015, 5, 22, 23, 59, tzinfo=UTC), 1),
        (NOW, 4057),
        (datetime.fromisoformat("2026-06-30T01:00:00+02:00"), 4057),
    ],
)
def test_the_last_day_of_the_real_log_becomes_yesterday(now: datetime, days: int) -> None:
    real = gzip.decompress(REAL_LOG.read_bytes()).splitlines(keepends=True)
    moved_by, lines = shifted(REAL_LOG, now)
    moved = list(lines)
    assert moved_by == days
    assert [moment(line) for line in moved] == [moment(line) + timedelta(days=days) for line in real]
    assert max(map(moment, moved)).date() == now.astimezone(UTC).date() - timedelta(days=1)
    stamp = re.compile(rb"\[[^:]+:")
    assert [stamp.sub(b"", line, 1) for line in moved] == [stamp.sub(b"", line, 1) for line in real]


def test_only_the_date_of_the_request_moves(tmp_path: Path) -> None:
    log = tmp_path / "a.log.gz"
    lines = [
        b'a - - [31/Dec/2015:23:59:59 +0000] "GET /[01/Jan/2015:] HTTP/1.1" 200 1\n',
        b"no log line\n",
        b"[31/Foo/2015:00:00:00 +0000]\n",
        b"[31/Feb/2015:00:00:00 +0000]\n",
        b"[28/Dec/2015:00:00:00 +0000] \xff without end",
    ]
    log.write_bytes(gzip.compress(b"".join(lines)))
    days, moved = shifted(log, datetime(2016, 3, 2, tzinfo=UTC))
    assert days == 61
    assert list(moved) == [
        b'a - - [01/Mar/2016:23:59:59 +0000] "GET /[01/Jan/2015:] HTTP/1.1" 200 1\n',
        *lines[1:4],
        b"[27/Feb/2016:00:00:00 +0000] \xff without end",
    ]


def test_the_top_pages_are_pages() -> None:
    pages = top_pages(REAL_LOG)
    assert len(pages) == len(set(pages)) == 60
    assert "/" in pages
    assert all(canonical_path(page) == page and kind_of(page) == "crawl" for page in pages)


def test_the_made_log_says_so_in_its_name() -> None:
    assert MADE_NAME.startswith("made-")
    readme = REAL_LOG.with_name("README.md").read_text(encoding="utf-8")
    assert f"`{MADE_NAME}`: made" in readme
    assert "Apache License 2.0" in readme


def test_the_made_log_is_the_same_for_the_same_moment_and_seed() -> None:
    first = list(made_log(NOW, seed=1))
    assert first == list(made_log(NOW, seed=1))
    assert first != list(made_log(NOW, seed=2))


def test_later_on_the_day_it_has_grown() -> None:
    before, after = list(made_log(NOW)), list(made_log(NOW + timedelta(hours=6)))
    assert len(before) < len(after)
    assert after[: len(before)] == before


@pytest.mark.parametrize(
    "now",
    [NOW, datetime(2028, 2, 29, 0, 0, 0, tzinfo=UTC), datetime.fromisoformat("2026-01-01T01:30:00+05:30")],
)
def test_the_made_log_spans_two_months_and_never_the_future(now: datetime) -> None:
    times = [moment(line) for line in made_log(now)]
    assert times == sorted(times)
    assert times[-1] <= now
    first = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    assert times[0].date() == first
    assert 5_000 < len(times) < 10_000


def test_every_crawler_comes_from_its_operators_addresses_and_some_from_elsewhere(
    made: list[re.Match[bytes]],
) -> None:
    crawlers = tomllib.loads(REAL_LOG.with_name("crawlers.toml").read_text(encoding="utf-8"))["crawler"]
    assert {line["agent"].decode() for line in made} == {crawler["user_agent"] for crawler in crawlers}
    assert all(crawler["agent"].partition(" ")[0] in crawler["user_agent"] for crawler in crawlers)
    ranges, elsewhere = load_ranges(), Counter[bool]()
    for line in made:
        address = ipaddress.ip_address(line["address"].decode())
        reserved = any(address in network for network in RESERVED)
        agent = classify(line["agent"].decode())
        assert agent
        lists = ranges.named(agent.ranges)
        parsed = parse_address(str(address))
        assert parsed
        genuine = any(parsed in loaded.addresses for loaded in lists)
        if lists:
            assert genuine or address.is_global
            elsewhere[not genuine] += 1
        else:
            assert reserved
    assert 0.02 < elsewhere[True] / elsewhere.total() < 0.06


def test_assistants_send_ever_more_visits_to_pages_and_none_in_the_future() -> None:
    visits = list(made_visits(DomainId(7), NOW))
    assert visits == list(made_visits(DomainId(7), NOW))
    assert {visit.path for visit in visits} <= set(top_pages(REAL_LOG))
    days = [(NOW - datetime.fromtimestamp(visit.ts, UTC)) / timedelta(days=1) for visit in visits]
    assert 0 <= min(days) <= max(days) <= DAYS
    assert sum(ago < DAYS / 2 for ago in days) > sum(ago >= DAYS / 2 for ago in days) > 50
    assert {visit.agent for visit in visits} <= ASSISTANTS.keys()


def test_what_the_crawlers_ask_for(made: list[re.Match[bytes]]) -> None:
    kinds = Counter(kind_of(line["path"].decode()) for line in made)
    assert kinds["crawl"] > 10 * kinds["asset"] > 0
    assert kinds["robots"] > 50
    statuses = Counter(line["status"] for line in made)
    assert set(statuses) == {b"200", b"304", b"404"}
    assert statuses[b"200"] > 10 * statuses[b"404"]
    found = {line["path"].decode() for line in made if line["status"] == b"304"}
    assert found <= set(top_pages(REAL_LOG))


def test_weekends_are_quieter_and_ai_grows(made: list[re.Match[bytes]]) -> None:
    days = Counter(moment(line[0]).date() for line in made)
    del days[NOW.date()]
    weekends = [count for day, count in days.items() if day.weekday() >= 5]
    weekdays = [count for day, count in days.items() if day.weekday() < 5]
    assert sum(weekends) / len(weekends) < 0.85 * sum(weekdays) / len(weekdays)
    weeks = [
        sum(
            b"GPTBot" in line["agent"]
            for line in made
            if 1 <= (NOW.date() - moment(line[0]).date()).days - 7 * weeks_ago <= 7
        )
        for weeks_ago in (3, 2, 1, 0)
    ]
    assert all(later > earlier for earlier, later in pairwise(weeks))
