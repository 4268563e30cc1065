"""Lines as servers and proxies really write them, after public documentation and reports; hosts and addresses are ours.

Each is written with a place for the host, where it has one, for the address, and for the user agent.
"""

from typing import Final, NamedTuple


class Case(NamedTuple):
    """One kind of line. ``{h}``, ``{a}`` and ``{u}`` are host, address and user agent; its path is ``/p1?x=1``."""

    line: str
    status: int = 200
    ts: int = 1795852801
    """2026-11-28 08:00:01 UTC."""
    host: bool = True


T: Final = "28/Nov/2026:08:00:01 +0000"
R: Final = '"GET /p1?x=1 HTTP/1.1" 200 826'
NGINX: Final = f'{{a}} - - [{T}] {R} "-" "{{u}}"'

CASES: Final[dict[str, Case]] = {
    "combined": Case(NGINX, host=False),
    "Hypercorn, HTTP/1.1": Case(NGINX.replace("HTTP/1.1", "1.1").replace("{a} ", "{a}:54321 "), host=False),
    "Hypercorn, HTTP/2": Case(NGINX.replace("HTTP/1.1", "2").replace("{a} ", "{a}:54321 "), host=False),
    "Gin, as its documentation formats lines": Case(
        '{a} - [Sat, 28 Nov 2026 08:00:01 UTC] "GET /p1?x=1 HTTP/1.1 200 122.767µs "{u}" "', host=False
    ),
    "combined, a user": Case(NGINX.replace("- - [", "- jane [", 1), host=False),
    "combined, an empty user": Case(NGINX.replace("- - [", '- "" [', 1), host=False),
    "combined, a user with spaces": Case(NGINX.replace("- - [", "- Jane van Doe [", 1), host=False),
    "combined, a request time behind": Case(NGINX + " 0.003", host=False),
    "combined, times of the upstream": Case(
        NGINX + ' rt=0.003 uct="0.000" uht="0.003" urt="0.003, 0.004"', host=False
    ),
    "combined, a gzip ratio": Case(NGINX + ' "2.85"', host=False),
    "request time before the request": Case(NGINX.replace('] "G', '] 0.012 "G'), host=False),
    "request time in brackets": Case(NGINX.replace('] "G', '] [0.012] [PORT 443] "G'), host=False),
    "ISO time in brackets": Case(NGINX.replace(T, "2026-11-28T08:00:01+00:00"), host=False),
    "ISO time with Z and fraction": Case(NGINX.replace(T, "2026-11-28T08:00:01.123Z"), host=False),
    "ISO time with a space": Case(NGINX.replace(T, "2026-11-28 08:00:01"), host=False),
    "ISO time, another zone": Case(NGINX.replace(T, "2026-11-28T10:00:01.5+02:00"), host=False),
    "ISO time without brackets": Case(NGINX.replace(f"[{T}]", "2026-11-28T08:00:01Z"), host=False),
    "time with a fraction": Case(NGINX.replace(T, "28/Nov/2026:08:00:01.123 +0000"), host=False),
    "time without a zone": Case(NGINX.replace(T, "28/Nov/2026:08:00:01"), host=False),
    "time with a colon in its zone": Case(NGINX.replace(T, "28/Nov/2026:10:00:01 +02:00"), host=False),
    "epoch in brackets": Case(NGINX.replace(T, "1795852801.123"), host=False),
    "milliseconds in brackets": Case(NGINX.replace(T, "1795852801123"), host=False),
    "time first": Case(f'[{T}] {{a}} - - {R} "-" "{{u}}"', host=False),
    "epoch first": Case(f'1795852801.123 {{a}} {R} "-" "{{u}}"', host=False),
    "the host last": Case(NGINX + ' "{h}"'),
    "the host last, without quotes": Case(NGINX + " {h}"),
    "the host last but one": Case(NGINX + ' "{h}" sn="{h}" rt=0.1'),
    "the host first": Case("{h} " + NGINX),
    "the host first, with port": Case("{h}:443 " + NGINX),
    "the host in brackets": Case("[{h}] " + NGINX),
    "lighttpd, OVH": Case(NGINX.replace("- - [", "{h} - [", 1)),
    "Virtualmin": Case(NGINX.replace("- - [", "- {h} [", 1)),
    "a whole URL in the request": Case(NGINX.replace("/p1", "http://{h}/p1")),
    "varnishncsa": Case(NGINX.replace("GET /p1?x=1 HTTP/1.1", "GET http://{h}/p1?x=1 HTTP/1.1")),
    "hosts behind the time": Case(NGINX.replace('] "G', '] "{h}" "G')),
    "ingress-nginx": Case(
        NGINX + " 563 0.102 [web-app-80] [] 10.96.4.34:8080 826 0.102 200 cb5d4f0f", host=False
    ),
    "ingress-nginx, two upstreams": Case(
        NGINX + " 563 0.102 [web-app-80] [] 10.96.4.34:8080, 10.96.4.35:8080 0, 826 0.1, 0.002 502, 200 cb5d",
        host=False,
    ),
    "ingress-nginx before 0.23": Case(
        NGINX.replace("{a} - -", "{a} - [{a}] - -") + " 563 0.102 [web-80] 10.96.4.34:8080 826 0.102 200",
        host=False,
    ),
    "Nginx Proxy Manager": Case(
        f'[{T}] HIT 200 200 - GET https {{h}} "/p1?x=1" [Client {{a}}] [Length 826] [Gzip 2.5] [Sent-to web]'
        ' "{u}" "-"'
    ),
    "Nginx Proxy Manager, standard": Case(
        f'[{T}] 200 - GET https {{h}} "/p1?x=1" [Client {{a}}] [Length 826] [Gzip -] "{{u}}" "-"'
    ),
    "Traefik": Case(NGINX + ' 12 "web@docker" "http://10.0.0.5:80" 3ms', host=False),
    "HAProxy, captured": Case(
        "{a}:33317 [28/Nov/2026:08:00:01.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0"
        ' {{{h}|{u}}} {{}} "GET /p1?x=1 HTTP/1.1"'
    ),
    "HAProxy, captured the other way round": Case(
        "{a}:33317 [28/Nov/2026:08:00:01.655] http-in static/<NOSRV> 10/-1/-1/-1/+109 200 2750 - - ---- 1/1/1/1/0 0/0"
        ' {{{u}|{h}|}} "GET /p1?x=1 HTTP/1.1"'
    ),
    "HAProxy, CLF": Case(
        f'{{a}} - - [{T}] {R} "" "" 33317 655 "http-in" "static" "srv1" 10 0 30 69 109 ---- 1 1 1 1 0 0 0 "" ""'
        ' "{u}" "{h}"'
    ),
    "Envoy": Case(
        '[2026-11-28T08:00:01.123Z] "GET /p1?x=1 HTTP/2" 200 - 0 826 5 4 "{a}" "{u}" "3f1d-77" "{h}" "10.0.0.9:8080"'
    ),
    "Envoy in Istio": Case(
        '[2026-11-28T08:00:01.123Z] "GET /p1?x=1 HTTP/1.1" 200 - via_upstream - "-" 0 826 5 4 "{a},10.1.1.1" "{u}"'
        ' "3f1d-77" "{h}" "10.0.0.9:8080" outbound|80||web.default.svc.cluster.local'
        " 10.0.0.7:4 10.0.0.8:5 10.0.0.3:6 - default"
    ),
    "S3, a website": Case(
        f"79a59df900b949e5 www.x.example [{T}] {{a}} - 3E57427F3EXAMPLE WEBSITE.GET.OBJECT p1"
        ' "GET /p1?x=1 HTTP/1.1" 200 - 826 826 7 6 "-" "{u}" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtj='
        " - - - {h} - - -"
    ),
    "S3, older": Case(
        f"79a59df900b949e5 bucket [{T}] {{a}} - 3E57427F3EXAMPLE REST.GET.OBJECT p1"
        ' "GET /p1?x=1 HTTP/1.1" 200 - 826 826 7 6 "-" "{u}" -',
        host=False,
    ),
    "AWS Classic Load Balancer": Case(
        "2026-11-28T08:00:01.945958Z lb {a}:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 826"
        ' "GET http://{h}:80/p1?x=1 HTTP/1.1" "{u}" - -'
    ),
    "pipes": Case("2026-11-28T08:00:01Z|{a}|{h}|GET|/p1?x=1|200|826|{u}"),
    "pipes with spaces": Case("{a} | 28/Nov/2026:08:00:01 +0000 | {h} | GET /p1?x=1 HTTP/1.1 | 200 | {u}"),
    "tabs": Case("2026-11-28T08:00:01+00:00\t{a}\t{h}\tGET /p1?x=1 HTTP/1.1\t200\t826\t-\t{u}"),
    "all in quotes": Case(
        '"{a}" "28/Nov/2026:08:00:01 +0000" "{h}" "GET /p1?x=1 HTTP/1.1" "200" "826" "-" "{u}"'
    ),
    "CSV": Case('"2026-11-28T08:00:01Z","{a}","{h}","GET","/p1?x=1","200","{u}"'),
    "keys": Case('time=2026-11-28T08:00:01Z ip={a} host={h} method=GET path=/p1?x=1 status=200 ua="{u}"'),
    "keys in quotes": Case(
        'ts="28/Nov/2026:08:00:01 +0000" remote="{a}" vhost="{h}" req="GET /p1?x=1 HTTP/1.1" st=200 agent="{u}"'
    ),
    "LTSV": Case(
        "time:28/Nov/2026:08:00:01 +0000\thost:{a}\tvhost:{h}\treq:GET /p1?x=1 HTTP/1.1\tstatus:200\tua:{u}"
    ),
    "CloudFront, real-time": Case(
        "1795852801.123\t{a}\t0.001\t200\t826\tGET\thttps\t{h}\t/p1?x=1\tFRA2\t{u}"
    ),
    "CloudFront, real-time, all fields": Case(
        "1795852801.123\t{a}\t10.0.0.1\t0.001\t200\t826\tGET\thttps\t{h}\t/p1\t300\tFRA2\tabc==\t{h}\t0.002"
        "\tHTTP/2.0\tIPv4\t{u}\t-\t-\tx=1\tHit\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\t-\t-\ttext/html\t826\t-"
    ),
    "GoAccess' own wish": Case(
        '{h}:80 {a} - - [28/Nov/2026:08:00:01 +0000] "GET /p1?x=1 HTTP/1.1" 200 826 "-" "{u}" 1234'
    ),
    "a list of proxies first": Case(NGINX.replace("{a} -", "{a}, 10.183.250.139 -"), host=False),
    "a list of proxies first, and a host": Case("{h} " + NGINX.replace("{a} -", "{a}, 10.183.250.139 -")),
    "a list of proxies last": Case(NGINX.replace("{a}", "10.0.0.2") + ' "{a}, 10.1.1.1"', host=False),
    "a load balancer's address first": Case(NGINX.replace("{a}", "10.0.0.2") + ' "{a}"', host=False),
    "two spaces behind the time, a request time before a proxy's header": Case(
        NGINX.replace("{a}", "10.0.0.2").replace('] "G', ']  "G') + ' 0.123 "{a}, 10.1.1.1"', host=False
    ),
    "a time in brackets in quotes": Case(
        f'"{{a}}" "-" "[{T}]" "GET /p1?x=1 HTTP/1.1" "200" "826" "-" "{{u}}" "1500" "{{h}}" "https"'
    ),
    "a time with level and module": Case(
        '[2026-11-28T08:00:01Z INFO  actix_web::middleware::logger] {a} "GET /p1?x=1 HTTP/1.1" 200 826 "-" "{u}" 0.1',
        host=False,
    ),
    "a time as in mail": Case(
        '{a} - [Sat, 28 Nov 2026 08:00:01 UTC] "GET /p1?x=1 HTTP/1.1" 200 826 "{u}"', host=False
    ),
    "Squid's own format with a user agent": Case(
        '1795852801.123     45 {a} TCP_MISS/200 826 GET http://{h}/p1?x=1 - HIER_DIRECT/10.0.0.5 text/html "{u}"'
    ),
    "an address in brackets": Case(NGINX.replace("{a} - -", "10.0.0.2 - [{a}] - -"), host=False),
    "only an address in brackets": Case(NGINX.replace("{a} - -", "[{a}] - -"), host=False),
    "logfmt, the host without quotes": Case(
        'time="2026-11-28T08:00:01Z" level=info msg="request completed" method=GET path="/p1?x=1" status=200'
        ' remote_addr="{a}:1234" host={h} user_agent="{u}"'
    ),
    "logfmt, dotted names": Case(
        "ts=1795852801.123 logger=http.log.access request.client_ip={a} request.method=GET request.host={h}"
        ' request.uri=/p1?x=1 request.headers.User-Agent="[{u}]" status=200'
    ),
    "logfmt, the method behind the path": Case(
        "level=info ts=2026-11-28T08:00:01Z caller=x.go:12 status=200 uri=/p1?x=1 method=GET addr={a}:4433"
        ' agent="{u}" host="{h}"'
    ),
    "a whole URL of the host apart from the request": Case(NGINX.replace('] "G', '] https://{h} "G')),
    "a proxy's list in parentheses": Case(NGINX.replace("{a}", "10.0.0.2 ({a}, 10.1.1.1)"), host=False),
    "cells with names of headers": Case(
        "{a}|Sat 28 Nov 2026 08:00:01 +0000|200|826||GET /p1?x=1 HTTP/1.1|Host: {h}|User-Agent: {u}"
    ),
    "fields of a span in braces": Case(
        '2026-11-28T08:00:01.123456Z  INFO request{{method=GET uri=/p1?x=1 version=HTTP/1.1 user_agent="{u}"'
        " client={a}}}: on_response: finished processing request latency=3 ms status=200",
        host=False,
    ),
    "a user agent without quotes, last": Case("[2026-11-28 08:00:01] {a} {h} GET /p1?x=1 200 1.2ms {u}"),
    "Gin, times in another zone": Case(
        '{a} - [Sat, 28 Nov 2026 09:00:01 CET] "GET /p1?x=1 HTTP/1.1 200 122.767µs "{u}" "', host=False
    ),
    "a time as in mail, first": Case(
        'Sat, 28 Nov 2026 08:00:01 GMT {a} "GET /p1?x=1 HTTP/1.1" 200 826 "{u}"', host=False
    ),
    **{
        f"time: {time}": Case(NGINX.replace(T, time), host=False)
        for time in (
            "28/Nov/2026:03:00:01 EST",
            "28/Nov/2026 08:00:01",
            "2026-11-28 10:00:01 EET",
            "Sat Nov 28 08:00:01 2026",
            "Sat Nov 28 09:00:01 CET 2026",
            "Sat 28 Nov 2026 08:00:01 +0000",
            "28.11.2026 08:00:01",
            "28-Nov-2026 08:00:01",
            "Nov 28, 2026 08:00:01",
            "11/28/2026 08:00:01",
            "28/11/2026 08:00:01",
            "11/28/2026 8:00:01 AM",
            "20261128T080001Z",
        )
    },
}
