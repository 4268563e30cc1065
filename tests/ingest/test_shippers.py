"""Lines in the records, tables and texts of shippers, and records that only look like JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Final

import pytest

from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from tests.ingest.test_identity import FRESH, LISTED, STRANGE
from tests.ingest.whole import Whole, read

GPTBOT: Final = "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)"
CHROME: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
TS: Final = 1795852801
ISO: Final = "2026-11-28T08:00:01Z"


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def line(address: str, agent: str) -> str:
    return f'{address} - - [28/Nov/2026:08:00:01 +0000] "GET /p1 HTTP/1.1" 200 826 "-" "{agent}"'


def requests() -> list[tuple[str, str]]:
    return [(LISTED, GPTBOT), (STRANGE, GPTBOT), (LISTED, CHROME)]


def assert_read(whole: Whole, *, hosts: bool = False) -> None:
    counts = {name: number for name, number in whole.counts().items() if name != "empty"}
    assert counts == {"crawls": 2, "people": 1} | ({"other_hosts": 3} if hosts else {}), whole.chosen.why
    assert {(one["path"], one["status"], one["ts"]) for one in whole.records} == {("/p1", 200, TS)}
    assert sorted(whole.identities()) == ["spoofed", "verified"]


@pytest.mark.parametrize("vhost", [False, True])
@pytest.mark.parametrize(
    "before",
    [
        "web 2026-11-28T08:00:01.523142Z ",
        "2026-11-28T08:00:01 ",
        "2026-11-28T08:00:01.123000+00:00 web/web/3f0c ",
        "2026-11-28T08:00:01Z app[4d8] fra [info]",
        "08:00:01,123 INFO  [io.undertow.accesslog] (default task-1) ",
        "2026-11-28 08:00:01,123 [INFO] gunicorn.access: ",
        "1795852801.123456 web nginx[812]: ",
        "[12345.678901] web nginx[812]: ",
        "Mär 28 08:00:01 web nginx[812]: ",
        "2026 Nov 28 08:00:01 web1 nginx: ",
        "[pod/web-7c5bdf-x2v4q/nginx] 2026-11-28T08:00:01.123456789Z ",
        "1234\t2026-11-28T08:00:01\t2026-11-28T08:00:02Z\t99\tweb1\t10.9.9.9\tLocal7\tInfo\tnginx\t",
    ],
)
def test_a_time_and_words_before_lines(store: EventsStore, before: str, vhost: bool) -> None:
    hosts = ("example.com ", "other.net ") if vhost else ("",)
    lines = [f"{before}{host}{line(*request)}" for host in hosts for request in requests()]
    assert_read(read(store, "\n".join(lines).encode(), identity=FRESH), hosts=vhost)


@pytest.mark.parametrize(
    "around",
    [
        {"_index": "a", "_source": {"message": "%s", "host": {"name": "web1"}}},
        {"id": "a", "content": {"service": "nginx", "message": "%s", "attributes": {}}},
        {"version": "1.1", "host": "web1", "short_message": "%s", "timestamp": 1795852801.123},
        {"time": 1795852801.1, "sourcetype": "nginx", "event": "%s"},
        {"preview": False, "result": {"_raw": "%s", "_time": "2026-11-28T08:00:01.000+00:00"}},
        {"stream": {"app": "nginx"}, "values": [["1795852801000000000", "%s"]]},
        {"timeUnixNano": "1795852801000000000", "body": {"stringValue": "%s"}, "attributes": []},
        {"date": 1795852801.123456, "log": "%s"},
    ],
)
def test_records_with_a_line_somewhere_in_them(store: EventsStore, around: object) -> None:
    lines = [json.dumps(around).replace('"%s"', json.dumps(line(*request))) for request in requests()]
    assert_read(read(store, "\n".join(lines).encode(), identity=FRESH))


def test_a_record_with_several_lines_is_not_read(store: EventsStore) -> None:
    texts = [["1", line(LISTED, GPTBOT)], ["2", line(STRANGE, GPTBOT)]]
    record = json.dumps({"stream": {}, "values": texts})
    assert read(store, f"{line(LISTED, GPTBOT)}\n{record}".encode()).counts() == {"crawls": 1, "rejected": 1}


@pytest.mark.parametrize(
    "header",
    [
        "@timestamp,@message",
        "Time,Line,host",
        "Date,Host,Service,Content",
        "timestamp,textPayload",
        "timestamp;source;message",
        "_raw\t_time",
    ],
)
def test_tables_with_a_column_of_lines(store: EventsStore, header: str) -> None:
    delimiter = next(sign for sign in ",;\t" if sign in header)
    names = header.split(delimiter)
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter)
    rows.writerow(names)
    for request in requests():
        of_lines = ("@message", "Line", "Content", "textPayload", "message", "_raw")
        rows.writerow([line(*request) if name in of_lines else ISO for name in names])
    assert_read(read(store, text.getvalue().encode(), identity=FRESH))


RECORD: Final = '"remote":"{a}","host":"{h}","method":"GET","path":"/p1","code":"200","agent":"{u}"'


@pytest.mark.parametrize(
    "record",
    [
        f"{ISO}\tnginx.access\t{{{RECORD}}}",
        f"[2026-11-28T08:00:01.123456+00:00] app.INFO: request {{{RECORD}}} []",
        f"[2026-11-28 08:00:01] production.INFO: request {{{RECORD}}} ",
        f'{{"time":"{ISO}",{RECORD}}},',
        f"2026-11-28T08:00:01.123Z INFO {{{RECORD}}}",
        f"2026-11-28 08:00:01,123 [INFO] {{{RECORD}}}",
        '{"level":30,"time":1795852801123,"pid":1,"hostname":"web1.corp.net","reqId":"req-1","req":{"method":"GET",'
        '"url":"/p1","host":"{h}","remoteAddress":"{a}","userAgent":"{u}"},"res":{"statusCode":200}}',
        '{"requestId":"x","ip":"{a}","requestTime":"28/Nov/2026:08:00:01 +0000","httpMethod":"GET","resourcePath":"/x",'
        '"path":"/p1","status":"200","userAgent":"{u}","host":"{h}"}',
        f'INFO: {{"time":"{ISO}",{RECORD}}}',
        f'{{"time":"{ISO}",{RECORD.replace("host", "hostname")}}}',
        f'{{"time":"{ISO}","req":{{{RECORD.replace("host", "hostname")}}}}}',
        '{"datetime":"2026-11-28T08:00:01Z","clientIP":"{a}","clientRequestHTTPHost":"{h}","userAgent":"{u}",'
        '"clientRequestHTTPMethodName":"GET","clientRequestPath":"/p1","edgeResponseStatus":200}',
        '{"time":"2026-11-28T08:00:01Z","operationName":"GetBlob","statusCode":200,"uri":"https://{h}/p1",'
        '"callerIpAddress":"{a}:1234","properties":{"userAgentHeader":"{u}","responseBodySize":826}}',
        f"2026-11-28 08:00:01.000000000 +0000 nginx.access: {{{RECORD}}}",
        f'{{"date":1795852801.12,{RECORD}}}',
        f'{{"time":"{ISO}",{RECORD},"referer":"\\x22-"}}',
        f'{{"time":"{ISO}",{RECORD},"upstream_time":-}}',
        f'{{"time":"{ISO}","upstream_time":,{RECORD}}}',
        f'{{"time":"{ISO}",{RECORD},}}',
        f'{{"@timestamp":"Nov 28, 2026 @ 08:00:01.000",{RECORD}}}',
        '{"TimeGenerated":"2026-11-28T08:00:01Z","requestUri_s":"https://{h}:443/p1","userAgent_s":"{u}",'
        '"clientIp_s":"{a}","httpMethod_s":"GET","httpStatusCode_s":"200"}',
        '{"timestamp":"2026-11-28 08:00:01.123456 UTC","httpRequest_requestMethod":"GET","httpRequest_status":"200",'
        '"httpRequest_requestUrl":"https://{h}/p1","httpRequest_userAgent":"{u}","httpRequest_remoteIp":"{a}"}',
        '{"start_time":"2026-11-28T08:00:01.123Z","method":"GET","x-envoy-origin-path":"/p1","response_code":"200",'
        '"response_flags":"-","x-forwarded-for":"{a}","user-agent":"{u}",":authority":"{h}"}',
        '{"protoPayload":{"ip":"{a}","startTime":"2026-11-28T08:00:01.1Z","method":"GET","resource":"/p1",'
        '"status":200,"userAgent":"{u}","host":"{h}"}}',
        '{"client_ip":"{a}","host":"{h}","method":"GET","path":"/p1","remote_addr":"10.0.0.1:12","status":200,'
        '"time":"2026-11-28T08:00:01Z","user_agent":"{u}"}',
    ],
)
def test_records_under_other_names_and_nearly_json(store: EventsStore, record: str) -> None:
    lines = [
        record.replace("{h}", host).replace("{a}", address).replace("{u}", agent)
        for host in ("example.com", "other.net")
        for address, agent in requests()
    ]
    assert_read(read(store, "\n".join(lines).encode(), identity=FRESH), hosts=True)


@pytest.mark.parametrize(
    ("time", "ts"),
    [
        ("[28/Nov/2026:10:00:01 +02]", TS),
        ("[28/Nov/2026:05:00:01 -03]", TS),
        ("[28/Nov/26:10:00:01 +0200]", TS),
        ("[28.11.26 08:00:01]", TS),
        ("2026-11-28 10:00:01+02", TS),
        ("[28/Okt/2026:08:00:01 +0000]", TS - 31 * 86_400),
        ("[28/mei/2026:08:00:01 +0000]", TS - 184 * 86_400),
    ],
)
def test_zones_in_hours_short_years_and_months_in_other_languages(
    store: EventsStore, time: str, ts: int
) -> None:
    text = line(LISTED, GPTBOT).replace("[28/Nov/2026:08:00:01 +0000]", time)
    whole = read(store, "\n".join([text] * 3).encode())
    assert whole.counts() == {"crawls": 3}
    assert {one["ts"] for one in whole.records} == {ts}


@pytest.mark.parametrize("zone", ["+02", "+0200", "+02:00"])
def test_zones_in_json(store: EventsStore, zone: str) -> None:
    record = {"time": f"28/Nov/2026:10:00:01 {zone}", "path": "/p1", "user_agent": GPTBOT}
    assert [one["ts"] for one in read(store, json.dumps(record).encode()).records] == [TS]


def test_the_journal_with_all_its_fields(store: EventsStore) -> None:
    entry = (
        "Sat 2026-11-28 08:00:01.123456 UTC [s=0a;i=1;b=2;m=3;t=4;x=5]\n    _TRANSPORT=syslog\n    PRIORITY=6\n"
        "    MESSAGE={}\n    _PID=812\n    _CMDLINE=nginx: worker\n    _SOURCE_REALTIME_TIMESTAMP=1795852801123456\n"
    )
    text = "".join(entry.format(line(*request)) for request in requests())
    assert_read(read(store, text.encode(), identity=FRESH))


@pytest.mark.parametrize("slash", ["", "/"])
def test_paths_behind_the_host(store: EventsStore, slash: str) -> None:
    lines = [
        line(*request).replace("/p1", f"{slash}{host}/p1")
        for host in ("example.com", "other.net")
        for request in requests()
    ]
    assert_read(read(store, "\n".join(lines).encode(), identity=FRESH), hosts=True)


def test_dates_and_tabs_alone_do_not_make_a_log_of_cloudfront(store: EventsStore) -> None:
    """Akamai's lines without their header: size and host would be at other places."""
    text = f'2026-11-28\t08:00:01\t{LISTED}\tGET\t/example.com/p1\t200\t826\t12\t"-"\t"{GPTBOT}"\t"-"'
    with pytest.raises(UserError, match="no access log that Crawlight can read"):
        read(store, text.encode())
    fields = (
        "date time cs-ip cs-method cs-uri sc-status sc-bytes time-taken cs(Referer) cs(User-Agent) cs(Cookie)"
    )
    for uri in ("/example.com/p1", "example.com/p1"):
        whole = read(store, f"#Fields: {fields}\n{text}".replace("/example.com/p1", uri).encode())
        assert (whole.counts()["crawls"], whole.paths()) == (1, ["/p1"])


def test_lines_in_parts(store: EventsStore) -> None:
    parts = (
        (one := line(*request))[:50] + "\n2026-11-28T08:00:01.2Z stdout F " + one[50:]
        for request in requests()
    )
    lines = [f"2026-11-28T08:00:01.1Z stdout P {part}" for part in parts]
    assert_read(read(store, "\n".join(lines).encode(), identity=FRESH))


def test_what_fluent_bit_prints_and_a_terminals_colours(store: EventsStore) -> None:
    for around in ('[0] nginx.access: [1795852801.123456789, {"log"=>"%s"}]', "\x1b[32m%s\x1b[0m"):
        escaped = [line(*one).replace('"', '\\"') if "=>" in around else line(*one) for one in requests()]
        assert_read(read(store, "\n".join(around % one for one in escaped).encode(), identity=FRESH))
