"""Sizes and times of answers in logs: each format's units, read alike by every way, and no line lost for them."""

import json
from collections.abc import Iterator

import pytest

from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest.measures import UNREADABLE, size_of, time_in
from tests.ingest.whole import Whole, read

AGENT = "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)"
DATE = "01/Jun/2026:12:00:00 +0000"
COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "-" "$http_user_agent"'
)
APACHE = '%h %l %u %t "%r" %>s {} "-" "%{{User-Agent}}i"'


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def told(found: Whole) -> list[tuple[int, int]]:
    return [(record["bytes"], record["milliseconds"]) for record in found.records]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (b"0", 0), (b"-", 0), (b"", 0), (b"4294967295", 2**32 - 1), (b"5.0", 5), (b"007", 7),
        *((bad, UNREADABLE) for bad in (b"4294967296", b"-1", b"1e3", b"5.5", b"x", b"99999999999", b" 5")),
    ],
)  # fmt: skip
def test_sizes(text: bytes, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("unit", "text", "milliseconds"),
    [
        ("s", b"0.087", 87), ("s", b"0.000", 1), ("s", b"12", 12_000), ("s", b"0.0001", 1), ("s", b"-", 0),
        ("s", b"1.5e-3", 2), ("s", b"4294967.295", 2**32 - 1), ("s", b"4294968", UNREADABLE), ("s", b"", 0),
        ("ms", b"87", 87), ("ms", b"86.2", 87), ("ms", b"0", 1), ("us", b"86001", 87), ("ns", b"929675", 1),
        ("s", b"12ms", 12), ("ms", b"0.012s", 12), ("ns", b"12 ms", 12), ("s", "7µs".encode(), 1),
        ("iis", b"87", 87), ("iis", b"0.087", 87),
        *(("s", bad, UNREADABLE) for bad in (b"-1", b"-0.5", b"nan", b"inf", b"1,5", b"0.1 0.2", b"1m2s", b"1e999")),
    ],
)  # fmt: skip
def test_times(unit: str, text: bytes, milliseconds: int) -> None:
    assert time_in(unit)(text) == milliseconds


def line(size: str, time: str = "", between: str = "") -> str:
    return f'192.0.2.1 - - [{DATE}]{between} "GET /a HTTP/1.1" 200 {size} "-" "{AGENT}"{time}\n'


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("host", ["", "example.com "])
def test_the_combined_format_has_the_size(store: EventsStore, quick: bool, host: str) -> None:
    log = "".join(host + line(size) for size in ("5120", "-", "0", "4294967296", "x"))
    found = read(store, log.encode(), quick=quick)
    assert told(found) == [(5120, 0), (0, 0), (0, 0), (0, 0), (0, 0)]
    assert found.counts() == {"crawls": 5}
    assert found.staged.unread == {"bytes": 2}


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("said", "size", "time", "between"),
    [
        (f"{COMBINED} $request_time", "9", " 0.087", ""),
        (f'{COMBINED} "$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time"', "9",
         ' "-" rt=0.087 uct="0.1, 0.2"', ""),
        (f"{COMBINED} $upstream_response_time $request_time", "9", " 0.001, 0.002 0.087", ""),
        (COMBINED.replace("] ", "] [$request_time] "), "9", "", " [0.087]"),
        (APACHE.format("%b") + " %D", "9", " 86500", ""),
        (APACHE.format("%B") + " %{ms}T", "9", " 87", ""),
        (APACHE.format("%O") + " %T %D", "9", " 7 87000", ""),
        (APACHE.format("%b %{us}T"), "9 87000", "", ""),
    ],
)  # fmt: skip
def test_a_format_that_is_said_has_its_units(
    store: EventsStore, said: str, size: str, time: str, between: str, quick: bool
) -> None:
    found = read(store, line(size, time, between).encode() * 3, said=said, quick=quick)
    assert told(found) == [(9, 87)] * 3
    assert not found.staged.unread


@pytest.mark.parametrize("quick", [True, False])
def test_what_cannot_be_read_is_counted_and_costs_no_crawl(store: EventsStore, quick: bool) -> None:
    times = ("0.087", "-", "-1", "banana", "99999999")
    log = "".join(line("9", f" {time}") for time in times)
    found = read(store, log.encode(), said=f"{COMBINED} $request_time", quick=quick)
    assert told(found) == [(9, 87), (9, 0), (9, 0), (9, 0), (9, 0)]
    assert (found.counts(), found.staged.unread) == ({"crawls": 5}, {"milliseconds": 3})


JSON = {
    "caddy": (
        {"ts": 1780315200.5, "msg": "handled request", "duration": 0.0865, "size": 10900, "status": 200,
         "request": {"method": "GET", "host": "example.com", "uri": "/a", "headers": {"User-Agent": [AGENT]}}},
        (10900, 87),
    ),
    "nginx": (
        {"time_iso8601": "2026-06-01T12:00:00+00:00", "request_uri": "/a", "request_method": "GET", "status": "200",
         "body_bytes_sent": "10900", "request_time": "0.087", "http_user_agent": AGENT},
        (10900, 87),
    ),
    "cloudflare": (
        {"ClientRequestMethod": "GET", "ClientRequestHost": "example.com", "ClientRequestURI": "/a",
         "ClientRequestUserAgent": AGENT, "EdgeResponseStatus": 200, "EdgeResponseBytes": 10900,
         "EdgeStartTimestamp": 1780315200000000000, "EdgeTimeToFirstByteMs": 87},
        (10900, 87),
    ),
    "traefik": (
        {"DownstreamStatus": 200, "RequestPath": "/a", "RequestMethod": "GET", "RequestHost": "example.com",
         "DownstreamContentSize": 10900, "Duration": 86500000, "StartUTC": "2026-06-01T12:00:00Z",
         "request_User-Agent": AGENT},
        (10900, 87),
    ),
    "google": (
        {"httpRequest": {"requestUrl": "https://example.com/a", "requestMethod": "GET", "status": 200,
         "responseSize": "10900", "latency": "0.086500s", "userAgent": AGENT}, "timestamp": "2026-06-01T12:00:00Z"},
        (10900, 87),
    ),
    "some duration": (
        {"time": "2026-06-01T12:00:00Z", "path": "/a", "method": "GET", "status": 200, "user_agent": AGENT,
         "duration": 12},
        (0, 0),
    ),
    "odd values": (
        {"time": "2026-06-01T12:00:00Z", "path": "/a", "method": "GET", "status": 200, "user_agent": AGENT,
         "bytes": None, "response_time": "12.5"},
        (0, 13),
    ),
}  # fmt: skip


@pytest.mark.parametrize("writer", JSON)
def test_json_has_them_by_its_writer(store: EventsStore, writer: str) -> None:
    record, expected = JSON[writer]
    found = read(store, (json.dumps(record) + "\n").encode() * 3)
    assert told(found) == [expected] * 3


def test_cloudfront_has_both_by_its_header(store: EventsStore) -> None:
    text = "date time sc-bytes cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent) x-edge-location time-taken"
    names = text.split()
    values = [
        "2026-06-01",
        "12:00:00",
        "10900",
        "GET",
        "example.com",
        "/a",
        "200",
        "GPTBot/1.3",
        "FRA2",
        "0.087",
    ]
    log = f"#Version: 1.0\n#Fields: {' '.join(names)}\n" + "\t".join(values) + "\n"
    assert told(read(store, log.encode())) == [(10900, 87)]
    without = [pair for pair in zip(names, values, strict=True) if pair[0] not in ("sc-bytes", "time-taken")]
    log = (
        f"#Fields: {' '.join(name for name, _ in without)}\n"
        + "\t".join(value for _, value in without)
        + "\n"
    )
    assert told(read(store, log.encode())) == [(0, 0)]


def test_alb_has_the_size_and_the_sum_of_its_times(store: EventsStore) -> None:
    lines = [
        f"https 2026-06-01T12:00:00.123Z app/x 192.0.2.1:41342 10.0.0.1:80 {times} 200 200 300 10900"
        f' "GET https://example.com:443/a HTTP/1.1" "{AGENT}" - - arn "Root=1" "-" "-" 0 2026-06-01T12:00:00Z "-"\n'
        for times in ("0.001 0.085 0.0005", "-1 -1 -1", "0.001 x 0.000")
    ]
    found = read(store, "".join(lines).encode(), name="alb")
    assert told(found) == [(10900, 87), (10900, 0), (10900, 0)]
    assert found.staged.unread == {"milliseconds": 1}


@pytest.mark.parametrize(("taken", "milliseconds"), [("87", 87), ("0.087", 87), ("-", 0)])
def test_w3c_counts_milliseconds_or_seconds(store: EventsStore, taken: str, milliseconds: int) -> None:
    log = (
        "#Software: Microsoft Internet Information Services 10.0\n"
        "#Fields: date time cs-method cs-uri-stem cs(User-Agent) sc-status sc-bytes time-taken\n"
        f"2026-06-01 12:00:00 GET /a GPTBot/1.3 200 10900 {taken}\n"
    )
    assert told(read(store, log.encode())) == [(10900, milliseconds)]


def test_the_path_tells_what_it_is_written_in(store: EventsStore) -> None:
    log = "".join(line("1").replace("/a", path) for path in ("/a", "/b.md", "/robots.txt"))
    assert [record["format"] for record in read(store, log.encode()).records] == ["html", "markdown", "other"]
