"""Logs of JSON: records of servers, CDNs and shippers, and what else comes along in their files."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crawlight.bots.identity import Identity
from crawlight.bots.lists import Ranges
from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest.importers.choosing import choose_format
from crawlight.ingest.staging import Staging
from crawlight.kit.urls import canonical_path
from tests.ingest.conftest import target_of
from tests.ingest.json_lines import NO_METHOD, RECORDS, Record
from tests.ingest.lines import Hit
from tests.ingest.test_importing import CHROME, GPTBOT
from tests.ingest.whole import read

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HITS = (
    Hit(),
    Hit(target="/a?b=1&a=2", agent=GPTBOT, host="www.example.com"),
    Hit(target="/%C3%A9t%C3%A9/a%20b", agent=GOOGLEBOT, status=404),
    Hit(target="/robots.txt", agent=GOOGLEBOT),
    Hit(target="/app.js"),
    Hit(agent=CHROME),
    Hit(agent=None, target="/none"),
    Hit(method="POST"),
    Hit(host="other.example"),
    Hit(host="other.example", agent=CHROME),
    Hit(ts=datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC), address="2001:db8::1"),
)
EACH_KIND = pytest.mark.parametrize("kind", RECORDS)


class Reader:
    """Reads logs in memory, as an import does."""

    def __init__(self, store: EventsStore) -> None:
        self._store = store

    def read(
        self, data: bytes, keys: Record | None = None
    ) -> tuple[dict[str, int], list[tuple[object, ...]], str]:
        """The lines by bucket; time, agent, status, path of each record; and why the format was chosen."""
        chosen = choose_format("auto", "access.log", data, keys)
        with Staging(self._store, chosen.format, target_of(), Identity(Ranges([]))) as staging:
            chunk = memoryview(bytearray(data))
            part = staging.stage(chunk, staging.cut(chunk))
        columns = part.records.to_pydict()
        names = ("ts", "agent", "status", "path")
        rows = sorted(zip(*(columns[name] for name in names), strict=True))
        assert part.staged.buckets.total() == part.staged.lines
        return dict(part.staged.buckets), rows, f"{chosen.format.title}: {chosen.why}"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    store = EventsStore(MEMORY)
    yield Reader(store)
    store.close()


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@EACH_KIND
def test_records_come_to_what_was_requested(reader: Reader, kind: str) -> None:
    hits = [hit for hit in HITS if kind not in NO_METHOD or hit.method == "GET"]
    buckets, rows, _ = reader.read(lines(*map(RECORDS[kind], hits)))
    crawled = [(0, "GPTBot"), (1, "GPTBot"), (2, "Googlebot"), (3, "Googlebot"), (10, "GPTBot")]
    expected = [
        *(
            (int(HITS[place].ts.timestamp()), agent, HITS[place].status, canonical_path(HITS[place].target))
            for place, agent in crawled
        ),
    ]
    assert [row for row in rows if row[3] != "/none"] == sorted(expected)
    assert [(row[2], row[3]) for row in rows if row[3] == "/none"] == [(200, "/none")]
    others = {"crawls": 4, "robots": 1, "assets": 1, "people": 1, "libraries": 1, "other_hosts": 2}
    assert buckets == others | ({} if kind in NO_METHOD else {"other_methods": 1})


@EACH_KIND
def test_other_messages_in_the_same_file_are_no_requests(reader: Reader, kind: str) -> None:
    record = RECORDS[kind](Hit())
    noise = [{"level": "info", "msg": "started"}, {"ts": 1, "status": 200}, {}]
    buckets, rows, _ = reader.read(lines(record, *noise, record))
    assert buckets == {"crawls": 2, "no_request": 3}
    assert len(rows) == 2


@EACH_KIND
def test_broken_lines_are_rejected_and_odd_bytes_are_not(reader: Reader, kind: str) -> None:
    whole = lines(RECORDS[kind](Hit(target="/odd")))
    odd = whole.replace(b"/odd", b"/odd\xff\xfe")
    buckets, rows, _ = reader.read(whole + whole[:-20] + b"\n" + odd + b"junk\n\n")
    assert buckets == {"crawls": 2, "rejected": 2, "empty": 1}
    assert [row[3] for row in rows] == ["/odd", "/odd%FF%FE"]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("traefik", "Traefik JSON"),
        ("google_cloud", "Google Cloud load balancer"),
        ("azure_gateway", "Azure Application Gateway"),
        ("azure_front_door", "Azure Front Door"),
        ("vercel", "Vercel log drain"),
        ("netlify", "Netlify log drain"),
        ("fastly", "Fastly JSON"),
        ("bunny", "Bunny JSON"),
        ("envoy", "Envoy JSON"),
        ("ecs", "Elastic Common Schema"),
        ("ecs_dotted", "Elastic Common Schema"),
        ("akamai", "Akamai DataStream"),
        ("cloudfront_json", "CloudFront JSON"),
        ("cloudflare_few", "Cloudflare Logpush"),
        ("caddy_old", "Caddy JSON"),
    ],
)
def test_who_wrote_a_log_is_told(reader: Reader, kind: str, title: str) -> None:
    assert reader.read(lines(RECORDS[kind](Hit())))[2].startswith(f"{title}: ")


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        (1795773600, 1795773600),
        (1795773600.123456, 1795773600),
        ("1795773600.5", 1795773600),
        (1795773600123, 1795773600),
        (1795773600123456, 1795773600),
        (1795773600123456789, 1795773600),
        ("2026-11-27T10:00:00Z", 1795773600),
        ("2026-11-27T12:00:00.123456789+02:00", 1795773600),
        ("2026-11-27T12:00:00+0200", 1795773600),
        ("2026-11-27 10:00:00.123", 1795773600),
        ("2026-11-27 10:00:00,023", 1795773600),
        ("2026-11-27 10:00:00,923", 1795773600),
        ("2026-11-27 10:00:00 UTC", 1795773600),
        ("2026/11/27 10:00:00.5", 1795773600),
        ("20261127T100000Z", 1795773600),
        ("[27/Nov/2026:10:00:00 +0000]", 1795773600),
        ("27/Nov/2026:10:00:00.123", 1795773600),
        ("27/Nov/2026:12:00:00.123 +0200", 1795773600),
        ("27/Nov/2026:05:00:00 -0500", 1795773600),
        ("[2026-11-27T10:00:00+00:00]", 1795773600),
        ("Fri, 27 Nov 2026 10:00:00 GMT", 1795773600),
    ],
)
def test_times_are_read_however_they_are_written(reader: Reader, time: object, seconds: int) -> None:
    record = {"time": time, "method": "GET", "path": "/", "status": 200, "user_agent": GPTBOT}
    _, rows, why = reader.read(lines(record))
    assert [row[0] for row in rows] == [seconds]
    assert ("without a zone" in why) == (time in _ZONELESS)


_ZONELESS = {
    "2026-11-27 10:00:00.123",
    "2026-11-27 10:00:00,023",
    "2026-11-27 10:00:00,923",
    "2026/11/27 10:00:00.5",
    "27/Nov/2026:10:00:00.123",
}


def test_the_host_of_an_absolute_target_decides(reader: Reader) -> None:
    record = {"time": 1795773600, "host": "example.com", "method": "GET", "status": 200, "user_agent": GPTBOT}
    targets = [
        "https://example.com/a",
        "https://other.example/a",
        "/b",
        "http://other.example:81/",
        "https://www.example.com",
    ]
    buckets, rows, _ = reader.read(lines(*(record | {"url": target} for target in targets)))
    assert buckets == {"crawls": 3, "other_hosts": 2}
    assert sorted(str(row[3]) for row in rows) == ["/", "/a", "/b"]
    # Where the first lines have none.
    buckets, _, _ = reader.read(
        lines(*(record | {"url": f"/{n}"} for n in range(300)), record | {"url": targets[1]})
    )
    assert buckets == {"crawls": 300, "other_hosts": 1}


def test_a_machines_name_is_no_host(reader: Reader) -> None:
    record = {
        "time": 1795773600,
        "host": "web-01",
        "method": "GET",
        "path": "/",
        "user_agent": GPTBOT,
        "status": 200,
    }
    buckets, _, why = reader.read(lines(record))
    assert buckets == {"crawls": 1}
    assert "host=" not in why
    assert "no host in it: all lines count for the domain" in why


def test_beside_the_number_of_a_process_a_hostname_is_the_machines(reader: Reader) -> None:
    record = {"time": 1795773600, "hostname": "web-01.corp.net", "path": "/", "user_agent": GPTBOT}
    assert reader.read(lines(record))[0] == {"other_hosts": 1}
    assert reader.read(lines(record | {"pid": 12}))[0] == {"crawls": 1}


def test_what_is_missing_is_named(reader: Reader) -> None:
    record = {"when": "2026-11-27T10:00:00Z", "what": "/", "how": "GET", "who": GPTBOT}
    with pytest.raises(
        UserError, match=r"no key is known for target, time, user_agent.*keys there: how, what, when, who"
    ):
        reader.read(lines(record))
    buckets, _, why = reader.read(lines(record), {"time": "when", "target": "what", "user_agent": "who"})
    assert buckets == {"crawls": 1}
    assert "no method: all count as GET" in why


def test_nested_keys_can_be_named(reader: Reader) -> None:
    record = {"a": {"b": 1795773600, "c": ["/x"]}, "d": {"e": {"f": GPTBOT}}}
    _, rows, _ = reader.read(lines(record), {"time": "a.b", "target": "a.c", "user_agent": "d.e.f"})
    assert [row[3] for row in rows] == ["/x"]


def test_requests_that_are_told_twice_count_once(reader: Reader) -> None:
    fastly, vercel = RECORDS["fastly"](Hit()), RECORDS["vercel"](Hit())
    assert reader.read(lines(fastly, {**fastly, "fastly_is_edge": False}))[0] == {
        "crawls": 1,
        "no_request": 1,
    }
    output = {key: value for key, value in vercel.items() if key != "proxy"} | {"source": "lambda"}
    assert reader.read(lines(vercel, output))[0] == {"crawls": 1, "no_request": 1}


@pytest.fixture
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def test_times_of_another_kind_further_down(store: EventsStore) -> None:
    """What the first lines do not have is read one by one."""
    line = (
        '{"time":%s,"ip":"192.0.2.1","host":"example.com","request":"GET /p1 HTTP/1.1","ua":"GPTBot/1.3"}\n'
    )
    others = [
        "1795852801",
        "1795852801123",
        '"28/Nov/2026:10:00:01 +0200"',
        '"Sat, 28 Nov 2026 08:00:01 GMT"',
    ]
    data = line % '"2026-11-28T08:00:01Z"' * 300 + "".join(line % time for time in [*others, '"soon"', "{}"])
    whole = read(store, data.encode())
    assert whole.counts() == {"crawls": 304, "rejected": 2}
    assert {record["ts"] for record in whole.records} == {1795852801}
    assert {one.reason for one in whole.staged.rejected} == {"no time that can be read"}
