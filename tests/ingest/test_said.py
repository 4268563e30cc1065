"""``--log-format``: lines are read by the format as it stands in a server's configuration."""

import gzip
from collections.abc import Iterator
from typing import Final

import pytest

from crawlight.demo.logs import REAL_LOG
from crawlight.errors import UserError
from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest.explaining import explained
from crawlight.ingest.importers.choosing import choose_format
from crawlight.ingest.importers.said import said_format
from tests.ingest.test_identity import FRESH
from tests.ingest.whole import read

AGENT: Final = "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)"
NGINX: Final = (
    "log_format main '$remote_addr - $remote_user [$time_local] [$request_time] [PORT $server_port] '\n"
    """    '"$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';"""
)
LINE: Final = (
    '192.0.2.1 - - [28/Nov/2026:10:00:01 +0200] [0.003] [PORT 80] "GET /p1?b=1 HTTP/1.1" 404 826 "-"'
    f' "{AGENT}" "-"'
)


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def body(text: str) -> str:
    return text.partition("'")[2].removesuffix("';").replace("'\n    '", "")


@pytest.mark.parametrize(
    "said",
    [
        NGINX,
        NGINX.replace("log_format main ", "log_format main escape=default\n"),
        NGINX.removeprefix("log_format ").removesuffix(";"),
        NGINX.removeprefix("log_format main "),
        body(NGINX),
        "log_format main " + body(NGINX),
        body(NGINX).replace("$request_time", "${request_time}"),
    ],
)
def test_a_format_of_nginx_may_stand_as_it_likes(store: EventsStore, said: str) -> None:
    whole = read(store, f"{LINE}\n".encode() * 3, said=said)
    assert whole.counts() == {"crawls": 3}
    assert whole.records[0]["path"] == "/p1?b=1"
    assert (whole.records[0]["status"], whole.records[0]["ts"]) == (404, 1795852801)
    assert whole.chosen.why.startswith("set by --log-format; no host in it")


CASES: Final = {
    "names of nginx in any order, time in seconds": (
        "$msec|$host|$status|$request_method|$request_uri|$http_user_agent|$remote_addr",
        f"1795852801.123|example.com|200|GET|/p1?x=1|{AGENT}|192.0.2.1",
    ),
    "parts of a URL side by side": (
        '[$time_iso8601] $remote_addr "$scheme://$host$request_uri" $status "$http_user_agent"',
        f'[2026-11-28T08:00:01+00:00] 2001:db8::1 "https://example.com/p1?x=1" 200 "{AGENT}"',
    ),
    "path and arguments": (
        '$remote_addr [$time_local] $request_method $uri$is_args$args $status "$http_user_agent" $host',
        f'192.0.2.1 [28/Nov/2026:08:00:01 +0000] GET /p1?x=1 200 "{AGENT}" example.com',
    ),
    "keys and values": (
        'time="$time_local" client=$remote_addr host="$host" request="$request" status=$status ua="$http_user_agent" '
        'up="$upstream_addr" ut=$upstream_response_time',
        f'time="28/Nov/2026:08:00:01 +0000" client=192.0.2.1 host="example.com" request="GET /p1?x=1 HTTP/2.0"'
        f' status=200 ua="{AGENT}" up="10.0.0.1:80, 10.0.0.2:80" ut=0.001, 0.002',
    ),
    "tabs": (
        r"'$time_iso8601\t$host\t$request\t$status\t$http_user_agent'",
        f"2026-11-28T08:00:01+00:00\texample.com\tGET /p1?x=1 HTTP/1.1\t200\t{AGENT}",
    ),
    "apache, vhost_combined": (
        r'LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined',
        f'example.com:443 192.0.2.1 - - [28/Nov/2026:10:00:01 +0200] "GET /p1?x=1 HTTP/1.1" 200 5 "-" "{AGENT}"',
    ),
    "apache, unquoted, with times of its own": (
        r'%a %V %{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t "%m %U%q %H" %<s %D "%{User-Agent}i" %{UNIQUE_ID}e',
        f'192.0.2.1 example.com 2026-11-28T08:00:01.123+0000 "GET /p1?x=1 HTTP/1.1" 200 812 "{AGENT}" WABc',
    ),
    "apache, milliseconds": (
        r"%{msec}t %{c}a %{Host}i %m %U%q %s %{ms}T \"%{User-Agent}i\" %A",
        f'1795852801123 192.0.2.1 example.com GET /p1?x=1 200 12 "{AGENT}" 10.0.0.1',
    ),
    "HAProxy, captured headers": (
        'log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr'
        ' %hs %{+Q}r"',
        "192.0.2.1:333 [28/Nov/2026:08:00:01.655] http-in~ st/s1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0"
        f' {{example.com|{AGENT}}} {{nginx}} "GET /p1?x=1 HTTP/1.1"',
    ),
    "HAProxy, captured by number, with escaped blanks": (
        r"log-format %ci\ %Ts\ %{+Q}HM\ %{+Q}[capture.req.hdr(0)]\ %{+Q}HU\ %ST\ %{+Q}[capture.req.hdr(1)]",
        f'192.0.2.1 1795852801 "GET" "example.com" "/p1?x=1" 200 "{AGENT}"',
    ),
    "HAProxy, variables and sample expressions": (
        '%[src] [%trg] %[var(txn.host)] %HM %HPO%HQ %[status] "%[var(txn.useragent)]" %[date,ltime(%Y-%m-%d)]',
        f'192.0.2.1 [28/Nov/2026:08:00:01 +0000] example.com GET /p1?x=1 200 "{AGENT}" 2026-11-28',
    ),
    "Envoy": (
        '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE%'
        ' %BYTES_SENT% "%REQ(X-FORWARDED-FOR):60%" "%REQ(USER-AGENT)%" %REQ(:AUTHORITY)% %DYNAMIC_METADATA(a:b)%\\n',
        f'[2026-11-28T08:00:01.123Z] "GET /p1?x=1 HTTP/2" 200 826 "192.0.2.1" "{AGENT}" example.com -',
    ),
    "Envoy, a time of its own": (
        "%START_TIME(%Y/%m/%dT%H:%M:%S%z)% %DOWNSTREAM_REMOTE_ADDRESS% %REQ(:AUTHORITY)% %REQ(:PATH)%"
        " %RESPONSE_CODE% %REQ(USER-AGENT)%",
        f"2026/11/28T08:00:01+0000 192.0.2.1:4 example.com /p1?x=1 200 {AGENT}",
    ),
    "Envoy, seconds": (
        '%START_TIME(%s.%3f)% %REQ(:AUTHORITY)% %REQ(:PATH)% %RESPONSE_CODE% "%REQ(USER-AGENT)%" 100%%',
        f'1795852801.123 example.com /p1?x=1 200 "{AGENT}" 100%',
    ),
    "Caddy, transformed": (
        'format transform `{request>host} {common_log} "{request>headers>User-Agent>[0]:-}"` {\n    time_format "x"\n}',
        f'example.com 192.0.2.1 - - [28/Nov/2026:08:00:01 +0000] "GET /p1?x=1 HTTP/2.0" 200 826 "{AGENT}"',
    ),
    "Caddy, in quotes": (
        r'"{ts} {request>host} {request>method} {request>uri} {status} \"{request>headers>User-Agent>[0]}\""',
        f'1795852801.123 example.com GET /p1?x=1 200 "{AGENT}"',
    ),
    "apache, statuses that are not always logged": (
        r'%h %V %t "%r" %>s %!200,304{Referer}i "%{User-Agent}i"',
        f'192.0.2.1 example.com [28/Nov/2026:08:00:01 +0000] "GET /p1?x=1 HTTP/1.1" 200 - "{AGENT}"',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_formats_of_servers(store: EventsStore, case: str) -> None:
    said, line = CASES[case]
    whole = read(
        store, f"{line}\n".encode() + line.replace("example.com", "other.net").encode() + b"\r\n", said=said
    )
    assert whole.counts() == {"crawls": 1, "other_hosts": 1}
    assert whole.paths() == ["/p1?x=1"]
    assert (whole.records[0]["status"], whole.records[0]["ts"]) == (200, 1795852801)


def test_json_of_nginx_by_its_format(store: EventsStore) -> None:
    members = (
        """'{"when":"$time_iso8601","vh":"$host",' '"what":"$request","ua":"$http_user_agent","s":$status}'"""
    )
    said = f"log_format j escape=json {members};"
    line = (
        '{"when":"2026-11-28T10:00:01+02:00","vh":"%s","what":"GET /p1 HTTP/1.1","ua":"GPTBot/1.3","s":200}\n'
    )
    whole = read(store, (line % "example.com" + line % "other.net").encode(), said=said)
    assert whole.counts() == {"crawls": 1, "other_hosts": 1}


def test_json_of_envoy_by_its_format(store: EventsStore) -> None:
    said = (
        '{"when": "%START_TIME%", "vh": "%REQ(:AUTHORITY)%", "m": "%REQ(:METHOD)%", "what": "%REQ(:PATH)%",'
        ' "ua": "%REQ(USER-AGENT)%", "s": "%RESPONSE_CODE%"}'
    )
    line = '{"when":"2026-11-28T08:00:01Z","vh":"%s","m":"GET","what":"/p1","ua":"GPTBot/1.3","s":200}\n'
    whole = read(store, (line % "example.com" + line % "other.net").encode(), said=said)
    assert whole.counts() == {"crawls": 1, "other_hosts": 1}


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("%ci [%tr] %ST %{+Q}r", "the user agent"),
        ('[%START_TIME%] "%REQ(USER-AGENT)%"', "the path or request line"),
        ("%START_TIME(%Q)% %REQ(:PATH)%", "times with %Q"),
        ("{ts} {request>uri}", "the user agent"),
        ('{"t": "%START_TIME%", "ua": "%REQ(USER-AGENT)%"}', "lacks the path"),
        ("$remote_addr [$time_local] $request", "the user agent"),
        ("$http_user_agent $request", "the time"),
        ('%h %t "%{User-Agent}i"', "the path or request line"),
        ("$foo", "the time, the path or request line, the user agent"),
        ("""'{"ua":"$http_user_agent","t":"$msec"}'""", "lacks the path"),
        ("hello", "takes nginx's log_format"),
        ("log_format main '$remote_addr", "not closed"),
        ("%h %t %r %y", "%y is no directive"),
        ("%{%Q}t %r %{User-Agent}i", "times with %Q"),
        ('%h %t "%r" %{User-Agent', "%{User-Agent is no directive"),
    ],
)
def test_a_format_that_lacks_what_is_needed_is_refused(said: str, missing: str) -> None:
    with pytest.raises(UserError, match=missing):
        said_format(said, [])


def test_a_log_of_another_format_is_refused(store: EventsStore) -> None:
    with pytest.raises(UserError, match="no line of the format that --log-format says"):
        read(store, b"hello world\n", said=NGINX)


def test_quotes_inside_of_fields(store: EventsStore) -> None:
    """Read from both ends, or told as unclear; never taken for people."""
    raw = LINE.replace(AGENT, 'Mozilla/5.0 "quoted" (compatible; GPTBot/1.3)')
    referrer = LINE.replace('"-" "Moz', '"https://x.example/?q="a"&b" "Moz')
    request = LINE.replace("/p1?b=1", '/p1?b="1"')
    unclear = LINE.replace(AGENT, 'a" "Chrome').replace('"-" "a"', '"x" "a"')
    cut = LINE.removesuffix('" "-"')
    lines = [LINE, raw, referrer, request, unclear, LINE.replace(AGENT, '\\"GPTBot\\" x'), cut]
    whole = read(store, "\n".join(lines).encode(), said=NGINX)
    assert whole.counts() == {"crawls": 5, "rejected": 2}
    assert sorted(whole.paths()) == ["/p1?b=%221%22", "/p1?b=1", "/p1?b=1", "/p1?b=1", "/p1?b=1"]
    assert [(one.line, one.reason) for one in whole.staged.rejected] == [
        (5, "quotes inside of fields leave unclear where they end"),
        (7, "not of the format"),
    ]


def test_a_whole_url_says_whose_page_was_asked_for(store: EventsStore) -> None:
    line = LINE.replace("/p1?b=1", "http://{}/p1?b=1")
    hosts = ("example.com", "other.net", "www.example.com:80", "other.net", "OTHER.net")
    whole = read(store, "\n".join(map(line.format, hosts)).encode(), said=NGINX)
    assert whole.counts() == {"crawls": 2, "other_hosts": 3}
    assert whole.paths() == ["/p1?b=1", "/p1?b=1"]
    assert whole.staged.hosts == {"other.net": 2, "OTHER.net": 1}


def test_names_of_formats_are_formats_too(store: EventsStore) -> None:
    line = f'192.0.2.1 - - [28/Nov/2026:08:00:01 +0000] "GET /p1 HTTP/1.1" 200 5 "-" "{AGENT}" "x"'
    assert read(store, line.encode(), said="combined").counts() == {"crawls": 1}


def test_what_was_said_before_is_taken_where_it_fits() -> None:
    sample, other = LINE.encode(), b"2026-11-28T08:00:01Z|192.0.2.1|GET|/p1|200|" + AGENT.encode()
    kept = choose_format("auto", "access.log", sample, None, "", NGINX)
    assert kept.why.startswith("set by an earlier --log-format")
    assert choose_format("auto", "access.log", other, None, "", NGINX).format.name == "found"
    assert choose_format("auto", "access.log", other, None, "", "broken").format.name == "found"


def test_lines_are_explained(store: EventsStore) -> None:
    sample = f"{LINE}\n\x1b[31mred\n".encode()
    first, second = explained(sample, choose_format("auto", "access.log", sample, None, NGINX))
    values = {field.name: (field.meaning, field.value) for field in first.fields}
    assert values["$request_time"] == ("the time it took", "0.003")
    assert values["$request"] == ("the request line", "GET /p1?b=1 HTTP/1.1")
    assert values["$http_user_agent"] == ("the user agent", AGENT)
    assert (second.text, second.fields, second.problem) == ("\\x1b[31mred", [], "not of the format")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            b"192.0.2.1:3 [28/Nov/2026:08:00:01.655] in st/s1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0"
            b' "GET / HTTP/1.1"',
            "not the user agent: have HAProxy log it with `http-request capture",
        ),
        (
            b'[28/Nov/2026:08:00:01 +0000] x "GPTBot/1.0"',
            "time, user agent were found, but not the path or request line",
        ),
        (b"hello\n", "no time and no request were found"),
        (
            b'<158>1 2026-11-28T08:00:01+00:00 host heroku router - at=info method=GET path="/p1" host=example.com'
            b' fwd="192.0.2.1" dyno=web.1 connect=1ms service=18ms status=200 bytes=13',
            "not the user agent, which Heroku's router does not log",
        ),
        (b"  <-- GET /p1\n  --> GET /p1 200 12ms 826b", "have Koa log them"),
        (
            b"GET /p1 text/html:\n   >> Matched: (p) GET /<p>\n   >> Outcome: Success(200 OK)",
            "Rocket logs neither",
        ),
        ("08:00:01 | 200 |  9.4µs |  192.0.2.1 | GET     | /p1  | -".encode(), "have Fiber log them"),
        (b"[08:00:01] 200 -     12ms GET     /p1", "have Fiber log them"),
        (
            b"[Sat Nov 28 08:00:01 2026] 192.0.2.1:5432 Accepted\n"
            b"[Sat Nov 28 08:00:01 2026] 192.0.2.1:5432 [200]: GET /p1",
            "PHP's built-in server does not log",
        ),
        (b'192.0.2.1 -  28/Nov/2026:08:00:01 +0000 "GET /index.php" 200', "which PHP-FPM does not log"),
        (
            b'192.0.2.1 - - [28/Nov/2026:08:00:01 +0000]"GET /p1 HTTP/1.1" 200 826 c6af9ac6-7b61',
            "have API Gateway log it",
        ),
        (
            b'{"requestId":"a","ip":"192.0.2.1","requestTime":"28/Nov/2026:08:00:01 +0000","httpMethod":"GET",'
            b'"resourcePath":"/p1","status":"200"}',
            "API Gateway JSON lacks the user agent: add",
        ),
        (
            b'{"time":1795852801123,"reqId":"req-1","req":{"method":"GET","url":"/p1","remoteAddress":"192.0.2.1"}}',
            "Fastify JSON lacks the user agent: have a serializer",
        ),
        (b"GET /p1 200 3.456 ms - 826", "the time and the user agent: have morgan log them"),
        (b"\x1b[0mGET /p1 \x1b[32m200\x1b[0m 3.456 ms - 826\x1b[0m", "have morgan log them"),
        (b"192.0.2.1 - GET /p1 HTTP/1.1 200 826 - 3.456 ms", "have morgan log them"),
        (b'INFO:     192.0.2.1:54321 - "GET /p1 HTTP/1.1" 200 OK', "which Uvicorn does not log"),
        (b'192.0.2.1 - - [28/Nov/2026 08:00:01] "GET /p1 HTTP/1.1" 200 -', "servers of Flask and Django"),
        (b'[28/Nov/2026 08:00:01] "GET /p1 HTTP/1.1" 200 826', "servers of Flask and Django"),
        (b'[GIN] 2026/11/28 - 08:00:01 | 200 | 122.7us | 192.0.2.1 | GET "/p1"', "have Gin log them"),
        (
            b"1795852801.123 12 192.0.2.1 TCP_MISS/200 826 GET http://example.com/p1 - - text/html",
            "have Squid log",
        ),
        (
            b'{"ClientHost":"192.0.2.1","DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/p1",'
            b'"StartUTC":"2026-11-28T08:00:01Z"}',
            "Traefik JSON lacks the user agent: have Traefik keep it",
        ),
    ],
)
def test_what_is_missing_is_told(line: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        choose_format("auto", "access.log", line)


def test_the_quick_way_comes_to_the_same(store: EventsStore) -> None:
    """On a real log, written in another format, with odd lines among the others."""
    lines = gzip.decompress(REAL_LOG.read_bytes()).splitlines()[:4_000]
    odd = [LINE, LINE.replace("[28/", "[x28/"), LINE.replace("- - [", "- a[b ["), "junk", ""]
    more = b' "20.171.206.7, 10.1.1.1"'
    changed = [line.replace(b"] ", b"] [0.003] [PORT 80] ", 1) + more for line in lines]
    broken = [line.replace(b" 200 ", b" 2x0 ") for line in changed[:20]]
    data = b"\n".join([*changed, *(one.encode() for one in odd), *broken])
    quick, thorough = (read(store, data, said=NGINX, identity=FRESH, quick=quick) for quick in (True, False))
    assert quick.chosen.format.quoted
    assert quick.counts() == thorough.counts()
    assert quick.counts()["crawls"] > 300
    assert sorted(map(str, quick.records)) == sorted(map(str, thorough.records))
    assert quick.staged.rejected == thorough.staged.rejected


@pytest.mark.parametrize(
    ("said", "quick"),
    [
        (NGINX, True),
        ('$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent"', True),
        ('$remote_addr [$x] [$time_local] "$request" $status "$http_user_agent"', False),
        ('$remote_addr [$time_iso8601] "$request" $status "$http_user_agent"', False),
        ('$host $remote_addr [$time_local] "$request" $status "$http_user_agent"', False),
        ('$remote_addr [$time_local] "$request" "$status" "$http_user_agent"', False),
        ('$remote_addr [$time_local] "$request" $status "$http_user_agent x"', False),
        ('$remote_addr [$time_local] "$request_method $request_uri" $status "$http_user_agent"', False),
        ('$remote_addr [$time_local] "$request" $status "$http_user_agent" $http_x_forwarded_for', False),
    ],
)
def test_only_what_the_quick_way_can_read_goes_it(said: str, quick: bool) -> None:
    assert (said_format(said, []).quoted is not None) is quick
