"""What shippers put around lines is cut off, and what is behind it is the line."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import pytest

from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest.wrappers import wrapping_of
from tests.ingest.lines import Hit, caddy, combined, vhost
from tests.ingest.test_identity import FRESH, LISTED, NOW, STRANGE
from tests.ingest.whole import read

GPTBOT: Final = "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)"


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def before(prefix: str) -> Callable[[str], str]:
    return lambda line: prefix + line


WRAPPERS: Final[Mapping[str, Callable[[str], str]]] = {
    "syslog": before("Nov 20 10:00:00 web1 nginx: "),
    "syslog, with PRI and process": before("<190>Nov  2 10:00:00 web-01.example.net nginx[812]: "),
    "syslog without host": before("<190>Nov 12 10:00:00 nginx: "),
    "syslog without tag": before("Nov 20 10:00:00 web1 "),
    "syslog, ISO times": before("2026-11-20T10:00:00.123456+00:00 web1 nginx: "),
    "journald, short-iso": before("2026-11-20T10:00:00+0000 web1 nginx[812]: "),
    "journald, short-precise": before("Nov 20 10:00:00.123456 web1 nginx[812]: "),
    "journald, short-full": before("Fri 2026-11-20 10:00:00 UTC web1 nginx[812]: "),
    "RFC 5424": before("<134>1 2026-11-20T10:00:00.003Z web1 nginx 812 - - "),
    "RFC 5424, structured data": before(
        '<134>1 2026-11-20T10:00:00+01:00 web1 nginx - ID47 [a@32473 x="1" y="a \\"b\\" \\] c"][b@1] \ufeff'
    ),
    "RFC 5424, counted": before("321 <134>1 - web1 nginx - - - "),
    "Compose": before("web-1  | "),
    "PM2": before("0|app  | "),
    "PM2 with times": before("12|my-app | 2026-11-20T10:00:00.123Z: "),
    "grep": before("/var/log/nginx/access.log:"),
    "grep -n": before("access.log.1:25:"),
    "stern": before("web-7c5bdf-x2v4q nginx "),
    "Compose, in colours": before("\x1b[36mweb-1  |\x1b[0m "),
    "CRI": before("2026-11-20T10:00:00.123456789Z stdout F "),
    "Docker": lambda line: json.dumps(
        {"log": line + "\n", "stream": "stdout", "time": "2026-11-20T10:00:00Z"}
    ),
    "Docker's, as Fluentd passes it on": lambda line: json.dumps(
        {"stream": "stdout", "log": line, "kubernetes": {}}
    ),
    "Filebeat": lambda line: json.dumps(
        {"@timestamp": "2026-11-20T10:00:00.000Z", "log": {"file": {"path": "/var/log/x"}}, "message": line}
    ),
    "Cloud Logging": lambda line: json.dumps({"textPayload": line, "timestamp": "2026-11-20T10:00:00Z"}),
    "journald, JSON": lambda line: json.dumps({"__REALTIME_TIMESTAMP": "1", "MESSAGE": line, "_PID": "812"}),
    "journald, bytes": lambda line: json.dumps({"MESSAGE": list(line.encode()), "_PID": "812"}),
    "CRI around syslog": before("2026-11-20T10:00:00Z stdout F <190>Nov 20 10:00:00 web1 nginx: "),
    "docker logs -t": lambda line: f"2026-11-20T10:00:00.123456789Z {line}",
    "docker compose logs -t": lambda line: f"web-1  | 2026-11-20T10:00:00.123456789Z {line}",
    "quotes": lambda line: f'"{line}"',
    "quotes doubled": lambda line: '"' + line.replace('"', '""') + '"',
    "quotes escaped": lambda line: '"' + line.replace('"', '\\"') + '"',
}
INNER: Final[Mapping[str, Callable[[Hit], bytes]]] = {"combined": combined, "vhost": vhost, "caddy": caddy}


def test_a_level_alone_on_its_line_keeps_its_line() -> None:
    wrapping = wrapping_of([b'INFO {"a":1}'])
    assert wrapping.chunk(b'INFO\n{"a":1}\nINFO {"b":2}') == b'INFO\n{"a":1}\n{"b":2}'


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_the_address_behind_a_wrapper_is_the_address(store: EventsStore, wrapper: str, inner: str) -> None:
    if wrapper.startswith("quotes") and inner == "caddy":
        return
    hits = [Hit(NOW, "/a?b=1", GPTBOT, address=address) for address in (LISTED, STRANGE)]
    lines = [WRAPPERS[wrapper](INNER[inner](hit).decode().rstrip("\n")) for hit in hits]
    whole = read(store, "\n".join([*lines, "Nov 20 junk"]).encode(), identity=FRESH)
    assert whole.counts()["crawls"] == 2
    assert whole.paths() == ["/a?b=1", "/a?b=1"]
    assert sorted(whole.identities()) == ["spoofed", "verified"]
    assert [one.line for one in whole.staged.rejected] in ([3], [])
    assert "within lines of" in whole.chosen.why


def test_parts_of_a_line_are_put_together(store: EventsStore) -> None:
    line = combined(Hit(target="/" + "a" * 50)).decode().rstrip("\n")
    for cut in (15, 40, 90):
        cri = [("P", line[:10]), ("P", line[10:cut]), ("F", line[cut:]), ("F", line)]
        whole = read(
            store, "".join(f"2026-11-20T10:00:00Z stdout {sign} {text}\n" for sign, text in cri).encode()
        )
        assert whole.counts() == {"crawls": 2, "empty": 2}
    pieces = [line[:10], line[10:60], line[60:] + "\n", line + "\n"]
    docker = "".join(
        json.dumps({"log": piece, "stream": "stdout", "time": "x"}, separators=(",", ":")) + "\n"
        for piece in pieces
    )
    assert read(store, docker.encode()).counts() == {"crawls": 2, "empty": 2}


def test_caddys_console(store: EventsStore) -> None:
    entry = json.loads(caddy(Hit(agent=GPTBOT)))
    rest = json.dumps({key: entry[key] for key in ("request", "status")})
    lines = [
        f"2026/11/20 10:00:00.123\tINFO\thttp.log.access\thandled request\t{rest}",
        f"2026/11/20 10:00:00.123\t\x1b[34mINFO\x1b[0m\thttp.log.access.log0\thandled request\t{rest}",
        f"\x1b[34m2026/11/20 10:00:00.123\x1b[0m\t\x1b[34mINFO\x1b[0m\thttp.log.access\thandled request\t{rest}",
        "2026/11/20 10:00:00.123\tINFO\ttls\tfinished cleaning storage units",
    ]
    whole = read(store, "\n".join(lines).encode())
    assert whole.counts() == {"crawls": 3, "rejected": 1}
    assert whole.records[0]["ts"] == datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "line",
    [
        combined(Hit()).decode(),
        vhost(Hit()).decode(),
        '"192.0.2.1" "-" "GET / HTTP/1.1" "GPTBot"',
        "192.0.2.1 | 2026-11-20 | GET | / | 200",
        '{"request":"GET /","ua":"x"}',
        "2026-11-28 10:00:01 10.0.0.1 GET /p1 - 443 - 66.249.66.1 Mozilla/5.0 - 200 0 0 15",
    ],
)
def test_what_is_not_wrapped_stays_as_it_is(line: str) -> None:
    assert wrapping_of([line.rstrip().encode()]).wrappers == ()


TABLE_ROWS: Final = (
    (
        "2026-11-28T08:00:01Z",
        LISTED,
        "GET",
        "example.com",
        "/p1?x=1",
        "200",
        GPTBOT + ', "x" (KHTML, like Gecko)',
    ),
    ("2026-11-28T08:00:02Z", STRANGE, "GET", "other.net", "/p1", "200", GPTBOT),
)
TABLE_NAMES: Final = ("timestamp", "client_ip", "method", "host", "path", "status", "user_agent")


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_with_named_columns(store: EventsStore, delimiter: str, quoting: Literal[0, 1]) -> None:
    """Also where the names come again, as in files that were put together, and with a row that is none."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter, quoting=quoting)
    rows.writerows([TABLE_NAMES, *TABLE_ROWS, TABLE_NAMES, ("odd", "row")])
    whole = read(store, text.getvalue().encode(), identity=FRESH)
    assert whole.counts() == {"crawls": 1, "other_hosts": 1, "empty": 2, "rejected": 1}
    assert whole.paths() == ["/p1?x=1"]
    assert whole.identities() == ["verified"]


def test_columns_that_are_no_logs_are_no_table() -> None:
    assert wrapping_of([b"time,path,method", b"2026,/,GET"]).wrappers == ()


def test_properties_that_are_a_text(store: EventsStore) -> None:
    """As Azure writes them where they go to an event hub or to storage."""
    front_door = {
        "httpMethod": "GET",
        "requestUri": "https://example.com:443/p1?x=1",
        "userAgent": GPTBOT,
        "clientIp": LISTED,
        "httpStatusCode": "200",
        "trackingReference": "0x",
    }
    app_service = {
        "CsHost": "example.com",
        "CIp": LISTED,
        "CsUriStem": "/p1",
        "CsUriQuery": "x=1",
        "CsMethod": "GET",
        "ScStatus": "200",
        "UserAgent": GPTBOT.replace(" ", "+"),
    }
    for properties in (front_door, app_service):
        record = {"time": "2026-11-28T08:00:01.1234567Z", "properties": json.dumps(properties)}
        whole = read(
            store,
            json.dumps(record).encode() + b'\n{"properties":"{x"}\n' + json.dumps(record).encode(),
            identity=FRESH,
        )
        assert whole.counts()["crawls"] == 2
        assert whole.paths() == ["/p1?x=1"] * 2
        assert whole.identities() == ["verified"] * 2


def test_a_time_that_only_the_wrapper_has(store: EventsStore) -> None:
    line = f'method=GET path="/p1" host=example.com ip={LISTED} status=200 user_agent="{GPTBOT}"'
    whole = read(store, f"<134>1 2026-11-28T08:00:01Z web app 12 - - {line}\n".encode() * 3, identity=FRESH)
    assert whole.counts() == {"crawls": 3}
    assert whole.identities() == ["verified"] * 3
